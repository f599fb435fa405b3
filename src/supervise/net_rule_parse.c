/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of --allow-net: how they are written. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "supervise/net_rule.h"

#define NAME_MAX_LEN 253
#define LABEL_MAX_LEN 63
#define LISTEN "listen:"
#define DIGITS "0123456789"

/* A rule on its way to be one. */
struct parser {
	struct net_rule *rule;
	const char *text; /* all of it, for messages */
	char *error;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static int
refuse(const struct parser *parser, const char *format, ...)
{
	int n = snprintf(parser->error, parser->size,
			 "'%.80s': ", parser->text);
	va_list ap;

	va_start(ap, format);
	if (n > 0 && (size_t)n < parser->size)
		(void)vsnprintf(parser->error + n, parser->size - (size_t)n,
				format, ap);
	va_end(ap);
	return -EINVAL;
}

/* Digits only, all of them, at most @max; -1 for anything else. */
static int number(const char *text, size_t len, int max)
{
	int value = 0;

	if (len == 0 || len > 5 || strspn(text, DIGITS) < len)
		return -1;
	for (size_t i = 0; i < len; i++)
		value = 10 * value + (text[i] - '0');
	return value <= max ? value : -1;
}

static int parse_port(struct parser *parser, const char *text)
{
	struct net_rule *rule = parser->rule;

	if (strcmp(text, "*") == 0) {
		rule->port = NET_PORT_ANY;
		if (rule->is_listen)
			return 0;
		return refuse(parser,
			      "a host without a port means every port of it");
	}
	rule->port = number(text, strlen(text), 65535);
	if (rule->port > 0 || (rule->port == 0 && rule->is_listen))
		return 0;
	if (text[0] == '\0')
		return refuse(parser, "nothing follows the colon");
	if (text[strspn(text, DIGITS)] == '-')
		return refuse(parser, "write each port as a rule of its own");
	return refuse(parser, "'%.40s' is not a port, which is 1 to 65535",
		      text);
}

static void keep_bits(uint8_t *bytes, size_t n, unsigned bits)
{
	for (size_t i = 0; i < n; i++) {
		unsigned left = bits > 8 * i ? bits - 8 * (unsigned)i : 0;

		if (left < 8)
			bytes[i] &= (uint8_t)(0xff00u >> left);
	}
}

/* What was read: no bit beyond the length, and an address to talk to. */
static int check_prefix(struct parser *parser)
{
	struct net_rule *rule = parser->rule;
	unsigned all = rule->address.is_v4 ? 32 : 128;
	struct net_address kept = rule->address;
	char text[NET_TEXT_SIZE];

	keep_bits(kept.bytes, all / 8, rule->bits);
	net_address_text(&kept, -1, text);
	if (!net_address_same(&kept, &rule->address))
		return refuse(
			parser,
			"the address has bits beyond its /%u: %s/%u is meant?",
			rule->bits, text, rule->bits);
	if (!rule->is_listen && rule->bits == all &&
	    net_address_is_any(&rule->address))
		return refuse(
			parser,
			"%s is no address to connect to; all of them are %s",
			text, rule->address.is_v4 ? "0.0.0.0/0" : "[::/0]");
	return 0;
}

/* ::ffff:1.2.3.4 is 1.2.3.4, in what is judged and so in the rules. */
static void unmap(struct net_rule *rule)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct net_address *address = &rule->address;

	if (address->is_v4 || rule->bits < 96 ||
	    memcmp(address->bytes, mapped, sizeof(mapped)) != 0)
		return;
	memmove(address->bytes, address->bytes + sizeof(mapped), 4);
	memset(address->bytes + 4, 0, sizeof(mapped));
	address->is_v4 = true;
	rule->bits -= 96;
}

/* ADDRESS or ADDRESS/LENGTH. */
static int parse_address(struct parser *parser, int family, const char *text,
			 size_t len)
{
	struct net_rule *rule = parser->rule;
	const char *slash = memchr(text, '/', len);
	int bits = family == AF_INET ? 32 : 128;
	char host[INET6_ADDRSTRLEN] = "";
	size_t host_len = slash ? (size_t)(slash - text) : len;

	rule->host = NET_HOST_PREFIX;
	rule->address.is_v4 = family == AF_INET;
	if (memchr(text, '%', len))
		return refuse(parser, "an address here has no zone");
	if (host_len >= sizeof(host))
		return refuse(parser, "this is no address");
	memcpy(host, text, host_len);
	if (inet_pton(family, host, rule->address.bytes) != 1)
		return refuse(parser, "'%s' is no %s address", host,
			      family == AF_INET ? "IPv4" : "IPv6");
	if (slash)
		bits = number(slash + 1, len - host_len - 1, bits);
	if (bits < 0)
		return refuse(
			parser,
			"the length behind the slash is not one of 0 to %d",
			family == AF_INET ? 32 : 128);
	rule->bits = (unsigned)bits;
	unmap(rule);
	return check_prefix(parser);
}

static bool is_label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

/* Names whose last part is a number are read as addresses by resolvers. */
static bool is_number_like(const char *label)
{
	if (label[0] == '0' && label[1] == 'x')
		return label[2 + strspn(label + 2, DIGITS "abcdef")] == '\0';
	return label[strspn(label, DIGITS)] == '\0';
}

static int check_name(const struct parser *parser, const char *name)
{
	const char *label = name;

	for (;;) {
		size_t len = strcspn(label, ".");

		if (len == 0 || len > LABEL_MAX_LEN || label[0] == '-' ||
		    label[len - 1] == '-')
			return refuse(parser, "this is not a host name");
		for (size_t i = 0; i < len; i++)
			if (!is_label_char(label[i]))
				return refuse(
					parser,
					"a host name has letters, digits, '-' and '.' only (names of other scripts as xn--...)");
		if (label[len] == '\0')
			break;
		label += len + 1;
	}
	if (!is_number_like(label))
		return 0;
	return refuse(
		parser,
		"an IPv4 address has four numbers, and a port follows a colon");
}

static int parse_name(struct parser *parser, const char *text, size_t len)
{
	struct net_rule *rule = parser->rule;

	if (memchr(text, '*', len))
		return refuse(
			parser,
			"names are looked up when something connects, so a star says nothing; every host: :PORT, or --allow-net alone");
	if (memchr(text, '/', len))
		return refuse(parser, "only an address has a length behind it");
	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0 || len > NAME_MAX_LEN)
		return refuse(parser, "this is not a host name");
	rule->name = strndup(text, len);
	if (!rule->name)
		return -ENOMEM;
	for (char *s = rule->name; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
	rule->host = NET_HOST_NAME;
	if (strcmp(rule->name, "localhost") == 0)
		rule->host = NET_HOST_LOCAL;
	else if (rule->is_listen)
		return refuse(parser,
			      "to listen, write an address of this machine");
	return check_name(parser, rule->name);
}

/* "[ADDRESS]" or "[ADDRESS/LENGTH]"; what follows is a port. */
static int parse_brackets(struct parser *parser, const char *text)
{
	const char *end = strchr(text, ']');
	int r;

	if (!end)
		return refuse(parser, "the bracket is not closed");
	r = parse_address(parser, AF_INET6, text + 1, (size_t)(end - text) - 1);
	if (r < 0 || end[1] == '\0')
		return r;
	if (end[1] != ':')
		return refuse(parser, "only :PORT can follow the bracket");
	return parse_port(parser, end + 2);
}

static int parse_host(struct parser *parser, const char *text)
{
	const char *colon = strchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	int r = 0;

	if (text[0] == '[')
		return parse_brackets(parser, text);
	if (colon && strchr(colon + 1, ':')) {
		/* No port can follow a length, so this one is plain. */
		if (strchr(text, '/') && !strchr(strchr(text, '/'), ':'))
			return parse_address(parser, AF_INET6, text,
					     strlen(text));
		return refuse(
			parser,
			"an IPv6 address is written in brackets: [::1], [::1]:443");
	}
	if (len == 0)
		parser->rule->host = NET_HOST_ANY;
	else if (strspn(text, DIGITS "./") >= len && memchr(text, '.', len))
		r = parse_address(parser, AF_INET, text, len);
	else
		r = parse_name(parser, text, len);
	return r < 0 || !colon ? r : parse_port(parser, colon + 1);
}

/* "listen:PORT" and "listen:ADDRESS:PORT". */
static int parse_listen(struct parser *parser, const char *text)
{
	int r;

	parser->rule->is_listen = true;
	if (text[0] == ':')
		return refuse(parser, "write listen:PORT");
	if (!strchr(text, ':') && strspn(text, "[") == 0) {
		parser->rule->host = NET_HOST_ANY;
		return parse_port(parser, text);
	}
	parser->rule->port = NET_PORT_SOME;
	r = parse_host(parser, text);
	if (r == 0 && parser->rule->port == NET_PORT_SOME)
		r = refuse(parser, "to listen needs a port, or * for any");
	return r;
}

static int parse(struct parser *parser)
{
	const char *text = parser->text;
	const char *scheme = strstr(text, "://");

	if (text[0] == '\0')
		return refuse(parser, "the rule is empty");
	if (scheme)
		return refuse(parser,
			      "this is a URL; write HOST:PORT, as in %.*s:443",
			      (int)strcspn(scheme + 3, "/:"), scheme + 3);
	if (strpbrk(text, " \t\r\n"))
		return refuse(parser, "there is a blank in it");
	parser->rule->port = NET_PORT_ANY;
	if (strncmp(text, LISTEN, strlen(LISTEN)) == 0)
		return parse_listen(parser, text + strlen(LISTEN));
	return parse_host(parser, text);
}

int net_rule_parse(const char *text, struct net_rule *ret, char *error,
		   size_t size)
{
	struct parser parser = { ret, text, error, size };
	int r;

	*ret = (struct net_rule){ 0 };
	r = parse(&parser);
	if (r == 0) {
		ret->text = strdup(text);
		if (!ret->text)
			r = -ENOMEM;
	}
	if (r < 0)
		net_rule_done(ret);
	return r;
}
