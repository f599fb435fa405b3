/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the network: what is written, what it covers, names in time. */
#include "supervise/net_rule.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>

#include "supervise/net_names.h"
#include "tap.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *text;
	const char *error; /* part of it; NULL: it is a rule */
} written[] = {
	{ "example.com", NULL },
	{ "example.com:443", NULL },
	{ "EXAMPLE.com.:443", NULL },
	{ "xn--bcher-kva.example", NULL },
	{ "a_b.example", NULL },
	{ "localhost", NULL },
	{ "localhost:3000", NULL },
	{ ":443", NULL },
	{ "10.0.0.1", NULL },
	{ "10.0.0.1:1", NULL },
	{ "10.0.0.0/8", NULL },
	{ "10.0.0.0/8:65535", NULL },
	{ "0.0.0.0/0", NULL },
	{ "[::1]", NULL },
	{ "[::1]:443", NULL },
	{ "[fe80::/10]", NULL },
	{ "[2001:db8::/32]:443", NULL },
	{ "2001:db8::/32", NULL },
	{ "[::/0]", NULL },
	{ "[::ffff:10.0.0.1]:80", NULL },
	{ "listen:8080", NULL },
	{ "listen:*", NULL },
	{ "listen:0", NULL },
	{ "listen:127.0.0.1:8080", NULL },
	{ "listen:127.0.0.1:*", NULL },
	{ "listen:0.0.0.0:80", NULL },
	{ "listen:[::]:80", NULL },
	{ "listen:localhost:0", NULL },
	{ "listen:10.0.0.0/8:80", NULL },

	{ "", "empty" },
	{ "https://example.com/x", "write HOST:PORT, as in example.com:443" },
	{ "tcp://10.0.0.1:80", "URL" },
	{ "example.com:", "nothing follows" },
	{ "example.com:0", "not a port" },
	{ "example.com:65536", "not a port" },
	{ "example.com:99999999999", "not a port" },
	{ "example.com:http", "not a port" },
	{ "example.com:+80", "not a port" },
	{ "example.com:80-90", "rule of its own" },
	{ "example.com:*", "every port" },
	{ ":", "nothing follows" },
	{ ":0", "not a port" },
	{ "*", "star" },
	{ "*:443", "star" },
	{ "*.example.com", "star" },
	{ "example.com/8", "only an address" },
	{ "exa mple.com", "blank" },
	{ "exam\xc3\xa4ple.com", "letters, digits" },
	{ "user@example.com", "letters, digits" },
	{ "-example.com", "not a host name" },
	{ "a..b", "not a host name" },
	{ ".", "no IPv4 address" },
	{ "443", "follows a colon" },
	{ "127.1", "IPv4" },
	{ "10.0.0", "IPv4" },
	{ "10.0.0.256", "no IPv4 address" },
	{ "010.0.0.1", "no IPv4 address" },
	{ "0x7f.1", "four numbers" },
	{ "example.0x7f", "four numbers" },
	{ "2130706433", "four numbers" },
	{ "0.0.0.0", "no address to connect to" },
	{ "[::]:80", "no address to connect to" },
	{ "10.0.0.1/8", "10.0.0.0/8 is meant" },
	{ "10.0.0.0/33", "0 to 32" },
	{ "10.0.0.0/", "0 to 32" },
	{ "10.0.0.0/8/8", "0 to 32" },
	{ "[2001:db8::1/32]", "is meant" },
	{ "[2001:db8::/129]", "0 to 128" },
	{ "::1", "in brackets" },
	{ "::1:443", "in brackets" },
	{ "2001:db8::/32:443", "in brackets" },
	{ "[::1", "not closed" },
	{ "[::1]443", "only :PORT" },
	{ "[::1]:", "nothing follows" },
	{ "[fe80::1%eth0]", "no zone" },
	{ "[10.0.0.1]", "no IPv6 address" },
	{ "[]", "no IPv6 address" },
	{ "[example.com]:80", "no IPv6 address" },
	{ "listen:", "nothing follows" },
	{ "listen::80", "listen:PORT" },
	{ "listen:x", "not a port" },
	{ "listen:65536", "not a port" },
	{ "listen:example.com:80", "address of this machine" },
	{ "listen:[::1]", "needs a port" },
	{ "listen:10.0.0.1:", "nothing follows" },
};

static void rules_are_written_so(void)
{
	for (size_t i = 0; i < N(written); i++) {
		struct net_rule rule;
		char error[256] = "";
		int r = net_rule_parse(written[i].text, &rule, error,
				       sizeof(error));

		if (!written[i].error)
			ok(r == 0, "'%s' is a rule", written[i].text);
		else if (!ok(r == -EINVAL && strstr(error, written[i].error),
			     "'%s' is none", written[i].text))
			diag("%s", error);
		net_rule_done(&rule);
	}
}

static const struct {
	const char *rule;
	const char *question;
	bool is_covered;
} covered[] = {
	{ "10.0.0.1:80", "10.0.0.1:80", true },
	{ "10.0.0.1:80", "10.0.0.1:81", false },
	{ "10.0.0.1:80", "10.0.0.2:80", false },
	{ "10.0.0.1:80", "10.0.0.1", false },
	{ "10.0.0.1", "10.0.0.1", true },
	{ "10.0.0.1", "10.0.0.1:1", true },
	{ "10.0.0.0/8", "10.255.0.1:1", true },
	{ "10.0.0.0/8", "11.0.0.1:1", false },
	{ "10.0.0.0/8", "10.0.0.0/9", true },
	{ "10.0.0.0/9", "10.0.0.0/8", false },
	{ "10.128.0.0/9:80", "10.127.0.1:80", false },
	{ "10.128.0.0/9:80", "10.128.0.1:80", true },
	{ "0.0.0.0/0", "8.8.8.8:53", true },
	{ "0.0.0.0/0", "[::1]:53", false },
	{ "[::/0]", "[::1]:53", true },
	{ "[::/0]", "8.8.8.8:53", false },
	{ "[2001:db8::/33]", "[2001:db8:7fff::1]:1", true },
	{ "[2001:db8::/33]", "[2001:db8:8000::1]:1", false },
	{ "[::ffff:10.0.0.1]:80", "10.0.0.1:80", true },
	{ "10.0.0.1:80", "[::ffff:10.0.0.1]:80", true },
	{ "[::ffff:0:0/96]", "10.0.0.1:80", true },
	{ ":443", "10.0.0.1:443", true },
	{ ":443", "[2001:db8::1]:443", true },
	{ ":443", "example.com:443", true },
	{ ":443", "example.com:80", false },
	{ ":443", "example.com", false },
	{ "example.com", "example.com:443", true },
	{ "example.com", "EXAMPLE.COM.:443", true },
	{ "example.com", "www.example.com:443", false },
	{ "www.example.com", "example.com:443", false },
	{ "example.com", "10.0.0.1:443", false },
	{ "localhost:80", "127.0.0.1:80", true },
	{ "localhost:80", "[::1]:80", true },
	{ "localhost:80", "127.0.0.2:80", false },
	{ "localhost:80", "localhost:80", true },
	{ "127.0.0.1:80", "localhost:80", false },
	{ "listen:80", "10.0.0.1:80", false },
	{ ":80", "listen:80", false },
	{ "listen:80", "listen:80", true },
	{ "listen:80", "listen:127.0.0.1:80", true },
	{ "listen:80", "listen:0", false },
	{ "listen:127.0.0.1:80", "listen:127.0.0.1:80", true },
	{ "listen:127.0.0.1:80", "listen:80", false },
	{ "listen:127.0.0.1:80", "listen:0.0.0.0:80", false },
	{ "listen:0.0.0.0:80", "listen:127.0.0.1:80", true },
	{ "listen:0.0.0.0:80", "listen:[::1]:80", false },
	{ "listen:[::]:80", "listen:[::1]:80", true },
	{ "listen:[::]:80", "listen:127.0.0.1:80", true },
	{ "listen:*", "listen:80", true },
	{ "listen:*", "listen:0", true },
	{ "listen:*", "listen:*", true },
	{ "listen:0", "listen:0", true },
	{ "listen:0", "listen:80", false },
	{ "listen:0", "listen:*", false },
	{ "listen:localhost:80", "listen:[::1]:80", true },
	{ "listen:localhost:80", "listen:0.0.0.0:80", false },
};

static void rules_cover_so(void)
{
	for (size_t i = 0; i < N(covered); i++) {
		struct net_rules rules = { 0 };
		struct net_rule question;
		char error[256];
		bool got;

		if (net_rules_add(&rules, covered[i].rule, NULL) < 0 ||
		    net_rule_parse(covered[i].question, &question, error,
				   sizeof(error)) < 0) {
			ok(false, "%s, %s", covered[i].rule,
			   covered[i].question);
			continue;
		}
		got = net_rules_find(&rules, &question, NULL, NULL);
		ok(got == covered[i].is_covered, "%s %s %s", covered[i].rule,
		   covered[i].is_covered ? "covers" : "does not cover",
		   covered[i].question);
		net_rule_done(&question);
		net_rules_done(&rules);
	}
}

static struct net_address v4(const char *text)
{
	struct net_address address = { .is_v4 = true };

	(void)inet_pton(AF_INET, text, address.bytes);
	return address;
}

static const struct {
	const char *name;
	int domain;
	int family;
	const char *host;
	size_t len;
	int error;
	const char *text;
	const char *fixed;
} addresses[] = {
	{ "IPv4", AF_INET, AF_INET, "10.0.0.1", 16, 0, "10.0.0.1:80", NULL },
	{ "longer than it need be", AF_INET, AF_INET, "10.0.0.1", 128, 0,
	  "10.0.0.1:80", NULL },
	{ "short", AF_INET, AF_INET, "10.0.0.1", 15, -EINVAL, NULL, NULL },
	{ "no family", AF_INET, AF_INET, "10.0.0.1", 1, -EINVAL, NULL, NULL },
	{ "AF_UNSPEC is AF_INET", AF_INET, AF_UNSPEC, "10.0.0.1", 16, 0,
	  "10.0.0.1:80", NULL },
	{ "IPv6 on IPv4", AF_INET, AF_INET6, "::1", 28, -EAFNOSUPPORT, NULL,
	  NULL },
	{ "AF_UNIX", AF_INET, AF_UNIX, "10.0.0.1", 16, -EAFNOSUPPORT, NULL,
	  NULL },
	{ "any is this host", AF_INET, AF_INET, "0.0.0.0", 16, 0, "0.0.0.0:80",
	  "127.0.0.1:80" },
	{ "IPv6", AF_INET6, AF_INET6, "2001:db8::1", 28, 0, "[2001:db8::1]:80",
	  NULL },
	{ "IPv6 without a scope", AF_INET6, AF_INET6, "2001:db8::1", 24, 0,
	  "[2001:db8::1]:80", NULL },
	{ "IPv6, short", AF_INET6, AF_INET6, "::1", 23, -EINVAL, NULL, NULL },
	{ "mapped is IPv4", AF_INET6, AF_INET6, "::ffff:10.0.0.1", 28, 0,
	  "10.0.0.1:80", NULL },
	{ "IPv6 any", AF_INET6, AF_INET6, "::", 28, 0, "[::]:80", "[::1]:80" },
	{ "mapped any", AF_INET6, AF_INET6, "::ffff:0.0.0.0", 28, 0,
	  "0.0.0.0:80", "127.0.0.1:80" },
	{ "IPv4 on IPv6", AF_INET6, AF_INET, "10.0.0.1", 16, 0, "10.0.0.1:80",
	  NULL },
	{ "AF_UNSPEC on IPv6", AF_INET6, AF_UNSPEC, "10.0.0.1", 16,
	  -EAFNOSUPPORT, NULL, NULL },
};

static void make_raw(size_t i, struct sockaddr_storage *raw)
{
	bool is_v6 = strchr(addresses[i].host, ':');
	struct sockaddr_in6 in6 = { .sin6_port = htons(80) };
	struct sockaddr_in in = { .sin_port = htons(80) };

	(void)inet_pton(AF_INET6, addresses[i].host, &in6.sin6_addr);
	(void)inet_pton(AF_INET, addresses[i].host, &in.sin_addr);
	memset(raw, 0, sizeof(*raw));
	memcpy(raw, is_v6 ? (void *)&in6 : (void *)&in,
	       is_v6 ? sizeof(in6) : sizeof(in));
	raw->ss_family = (sa_family_t)addresses[i].family;
}

static void addresses_mean_so(void)
{
	for (size_t i = 0; i < N(addresses); i++) {
		struct sockaddr_storage raw;
		struct net_address address;
		char text[NET_TEXT_SIZE];
		int r;

		make_raw(i, &raw);
		r = net_address_parse(addresses[i].domain, &raw,
				      addresses[i].len, &address);
		is_int(r, addresses[i].error, addresses[i].name);
		if (r < 0)
			continue;
		net_address_text(&address, address.port, text);
		is_str(text, addresses[i].text, addresses[i].name);
		if (!addresses[i].fixed)
			continue;
		net_address_fix(&address, &raw);
		net_address_text(&address, address.port, text);
		is_str(text, addresses[i].fixed, "it is made explicit");
		(void)net_address_parse(addresses[i].domain, &raw,
					addresses[i].len, &address);
		net_address_text(&address, address.port, text);
		is_str(text, addresses[i].fixed, "... for the kernel as well");
	}
}

/* A resolver of our own: what it says, and how often it was asked. */
static struct {
	const char *says[3];
	_Atomic int n_asked;
	_Atomic int64_t now;
	_Atomic bool is_slow;
} world;

static size_t say(const char *name, struct net_address *ret, size_t max)
{
	size_t n = 0;

	world.n_asked++;
	while (world.is_slow)
		sched_yield();
	if (strcmp(name, "gone.example") == 0)
		return 0;
	for (size_t i = 0; i < N(world.says) && n < max; i++)
		if (world.says[i])
			ret[n++] = v4(world.says[i]);
	return n;
}

static int64_t tell(void)
{
	return world.now;
}

static bool has(const char *name, const char *host)
{
	struct net_patience patience = { 0 };
	struct net_address address = v4(host);

	return net_names_has(&patience, name, &address);
}

static bool knows(const char *name, const char *host)
{
	struct net_address address = v4(host);

	return net_names_has(NULL, name, &address);
}

static void names_are_looked_up_when_needed(void)
{
	net_names_inject(say, tell);
	world.now = 10000;
	world.says[0] = "10.0.0.1";
	world.says[1] = "10.0.0.2";
	ok(!knows("a.example", "10.0.0.1"), "nothing is known at first");
	is_int(world.n_asked, 0, "... and nobody was asked");
	ok(has("a.example", "10.0.0.1"), "a name is looked up");
	ok(has("a.example", "10.0.0.2"), "... with all its addresses");
	is_int(world.n_asked, 1, "... once");
	ok(!has("a.example", "10.0.0.3"), "another address is missed");
	is_int(world.n_asked, 1, "... and asked for a second later");
	world.says[0] = "10.0.0.3";
	world.says[1] = NULL;
	world.now += 999;
	ok(!has("a.example", "10.0.0.3"), "not before");
	world.now += 1;
	ok(has("a.example", "10.0.0.3"), "then what is new is found");
	is_int(world.n_asked, 2, "... by asking again");
	ok(has("a.example", "10.0.0.1"), "what was seen before still counts");
	world.now += 5 * 60 * 1000 - 1001;
	ok(knows("a.example", "10.0.0.1"), "... for five minutes");
	world.now += 1;
	ok(!knows("a.example", "10.0.0.1"), "... and no longer");
	ok(knows("a.example", "10.0.0.3"), "what was seen later still does");
	ok(!has("gone.example", "10.0.0.1"), "a name without addresses");
	ok(!knows("b.example", "10.0.0.3"), "each name has its own");
}

static void *ask(void *unused)
{
	(void)unused;
	return has("slow.example", "10.0.0.9") ? &world : NULL;
}

static void one_lookup_serves_all(void)
{
	pthread_t threads[4];
	int before = world.n_asked;
	size_t n_found = 0;

	world.says[0] = "10.0.0.9";
	world.is_slow = true;
	for (size_t i = 0; i < N(threads); i++)
		if (pthread_create(&threads[i], NULL, ask, NULL) != 0)
			abort();
	while (world.n_asked == before)
		sched_yield();
	world.is_slow = false;
	for (size_t i = 0; i < N(threads); i++) {
		void *found;

		(void)pthread_join(threads[i], &found);
		n_found += found != NULL;
	}
	is_int(n_found, N(threads), "who asks meanwhile waits for the answer");
	is_int(world.n_asked, before + 1, "... of one lookup");
}

static void many_addresses_are_bounded(void)
{
	char host[32];

	world.says[1] = world.says[2] = NULL;
	for (int i = 0; i < NET_NAMES_KEPT + 10; i++) {
		(void)snprintf(host, sizeof(host), "10.1.%d.%d", i / 250,
			       i % 250);
		world.says[0] = host;
		world.now += 1000;
		if (!has("many.example", host))
			ok(false, "%s", host);
	}
	ok(knows("many.example", host), "the newest address is kept");
	ok(!knows("many.example", "10.1.0.0"), "the oldest makes room");
}

static void rules_ask_names_last(void)
{
	struct net_rules rules = { 0 };
	struct net_patience patience = { 0 };
	struct net_address address = v4("10.0.0.9");
	struct net_rule question = net_rule_ask(&address, 443, false);
	const struct net_rule *rule;
	int before = world.n_asked;

	(void)net_rules_add(&rules, "fresh.example:443", NULL);
	(void)net_rules_add(&rules, "fresh.example:80", NULL);
	(void)net_rules_add_implicit(&rules, "10.0.0.0/8:443", "a reason");
	rule = net_rules_find(&rules, &question, net_names_has, &patience);
	ok(rule && rule->is_implicit, "an address is found without a name");
	is_str(rule ? rule->origin : NULL, "a reason", "it says why");
	is_int(world.n_asked, before, "... and nobody is asked");
	question.port = 25;
	ok(!net_rules_find(&rules, &question, net_names_has, &patience),
	   "another port is denied");
	is_int(world.n_asked, before, "... without a lookup either");
	question = net_rule_ask(&address, NET_PORT_SOME, false);
	ok(net_rules_find(&rules, &question, NULL, NULL),
	   "a route to a host of which some port is allowed");
	net_rules_done(&rules);
}

static void abstract_names_have_patterns(void)
{
	struct net_rules rules = { 0 };

	(void)strings_add(&rules.abstract, "@x");
	(void)strings_add(&rules.abstract, "@tmp/\001.sock");
	ok(net_rules_abstract(&rules, "@x"), "an abstract name");
	ok(!net_rules_abstract(&rules, "@xy"), "... is all of it");
	ok(net_rules_abstract(&rules, "@tmp/a.sock"), "a pattern of them");
	ok(!net_rules_abstract(&rules, "tmp/a.sock"), "no path");
	net_rules_done(&rules);
}

int main(void)
{
	rules_are_written_so();
	rules_cover_so();
	addresses_mean_so();
	names_are_looked_up_when_needed();
	one_lookup_serves_all();
	many_addresses_are_bounded();
	rules_ask_names_last();
	abstract_names_have_patterns();
	return done();
}
