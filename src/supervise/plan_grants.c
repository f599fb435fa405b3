/* SPDX-License-Identifier: Apache-2.0 */
/* The grants of a run: what the user wrote, and what that needs to work. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/elf.h"
#include "supervise/grants.h"
#include "supervise/options.h"
#include "supervise/plan.h"

/* The same for each path option. */
int plan_add_options(const struct options *options, struct rules *rules)
{
	const struct {
		const struct strings *paths;
		unsigned rights;
		bool is_deny;
		const char *origin;
	} lists[] = {
		{ &options->allow_fs_read, RIGHT_READ, false,
		  "--allow-fs-read" },
		{ &options->allow_fs_write, RIGHT_WRITE, false,
		  "--allow-fs-write" },
		{ &options->deny_fs_read, RIGHT_READ, true, "--deny-fs-read" },
		{ &options->deny_fs_write, RIGHT_WRITE, true,
		  "--deny-fs-write" },
		{ &options->allow_unix, RIGHT_UNIX, false, "--allow-unix" },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (size_t j = 0; j < lists[i].paths->n; j++) {
			const char *path = lists[i].paths->items[j];
			int r = 0;

			/* "@NAME" is no path: see net_plan.c. */
			if (lists[i].rights != RIGHT_UNIX || path[0] != '@')
				r = grants_add_option(rules, path,
						      lists[i].rights,
						      lists[i].is_deny,
						      lists[i].origin);
			if (r < 0) {
				log_error(
					"%s=%s: this path cannot be resolved: %s",
					lists[i].origin, path, strerror(-r));
				return r;
			}
		}
	}
	return 0;
}

static int add_paths(struct rules *rules, const struct strings *paths,
		     unsigned rights, const char *origin)
{
	int r = 0;

	for (size_t i = 0; i < paths->n && r == 0; i++)
		r = grants_add_implicit(rules, paths->items[i], rights, true,
					origin);
	return r;
}

/* Devices that every program expects, and that reach nothing. */
static int add_devices(struct rules *rules)
{
	static const char *const readable[] = { "/dev/null",    "/dev/zero",
						"/dev/full",    "/dev/random",
						"/dev/urandom", "/dev/tty" };
	int r = 0;

	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]) && r == 0;
	     i++)
		r = grants_add_implicit(rules, readable[i],
					RIGHT_READ | RIGHT_WRITE, true,
					"standard device");
	return r;
}

/*
 * What the kernel executes: the program, its interpreter (PT_INTERP) and, for
 * reading, the libraries. All of it needs READ as well.
 */
static int add_program(struct plan *plan, const char *path, bool is_runtime,
		       const char *origin)
{
	struct rules *rules = &plan->rules;
	struct strings closure = { 0 };
	int r;

	r = grants_add_implicit(rules, path, RIGHT_READ | RIGHT_EXEC,
				is_runtime, origin);
	if (r == 0 && elf_closure(path, &closure) == 0)
		for (size_t i = 0; i < closure.n && r == 0; i++)
			r = i == 0 ?
				    grants_add_interpreter(rules,
							   closure.items[i]) :
				    grants_add_implicit(rules, closure.items[i],
							RIGHT_READ, true,
							"library of a program");
	for (size_t i = 0; i < closure.n && r == 0; i++)
		r = is_runtime ?
			    images_add(&plan->images, closure.items[i]) :
			    images_add_child(&plan->images, closure.items[i]);
	strings_done(&closure);
	return r;
}

/* A program in PREFIX/bin has its libraries in PREFIX/lib. */
static int add_own_trees(struct plan *plan)
{
	static const char *const names[] = { "lib", "lib64", "libexec" };
	const char *runtime = plan->command.runtime;
	const char *slash = strrchr(runtime, '/');
	int len = slash ? (int)(slash - runtime) : 0;
	int r = 0;

	if (len < 4 || strncmp(slash - 4, "/bin", 4) != 0)
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r == 0;
	     i++) {
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%.*s/%s", len - 4, runtime,
			     names[i]) < (int)sizeof(path))
			r = images_add(&plan->images, path);
	}
	return r;
}

/* What may be mapped as code without --allow-addons. */
static int add_images(struct plan *plan)
{
	const struct profile *profile = &plan->profile;
	int r;

	r = images_set_runtime(&plan->images, plan->command.runtime);
	for (size_t i = 0; i < profile->libraries.n && r == 0; i++)
		r = images_add(&plan->images, profile->libraries.items[i]);
	plan->images.has_system = profile->system_libraries;
	if (r == 0 && profile->system_libraries)
		r = add_own_trees(plan);
	return r;
}

static int find_program(const char *name, char **ret)
{
	char *argv[] = { (char *)(uintptr_t)name, NULL };
	struct command command = { 0 };
	int r = command_resolve(argv, getenv("PATH"), &command);

	if (r == 0 || command.asked) {
		*ret = command.asked ? realpath(command.asked, NULL) : NULL;
		r = *ret ? 0 : -ENOENT;
	}
	command_done(&command);
	return r;
}

/* --allow-child-process: any program of the system and of the read grants. */
static int add_any_program(const struct options *options, struct rules *rules)
{
	static const char *const system[] = { "/usr", "/bin",   "/sbin",
					      "/lib", "/lib32", "/lib64" };
	int r = 0;

	rules->runs_readable = true;
	for (size_t i = 0; i < sizeof(system) / sizeof(system[0]); i++)
		if (r == 0 && access(system[i], F_OK) == 0)
			r = grants_add_implicit(rules, system[i],
						RIGHT_READ | RIGHT_EXEC, false,
						"--allow-child-process");
	for (size_t i = 0; i < options->allow_fs_read.n && r == 0; i++)
		r = grants_add_option(rules, options->allow_fs_read.items[i],
				      RIGHT_EXEC, false,
				      "--allow-child-process");
	return r;
}

int plan_add_children(const struct options *options, struct plan *plan)
{
	int r = 0;

	if (!options->allow_child_process)
		return 0;
	if (options->child_programs.n == 0)
		return add_any_program(options, &plan->rules);
	for (size_t i = 0; i < options->child_programs.n && r == 0; i++) {
		const char *name = options->child_programs.items[i];
		_cleanup_free_ char *path = NULL;

		r = find_program(name, &path);
		if (r < 0) {
			log_error("--allow-child-process=%s: no such program",
				  name);
			return r;
		}
		r = add_program(plan, path, false, "--allow-child-process");
	}
	return r;
}

/* A shell compares $PWD with "." first: its metadata, not what is in it. */
static int add_working_directory(struct rules *rules)
{
	_cleanup_free_ char *cwd = getcwd(NULL, 0);

	return cwd && cwd[0] == '/' ? rules_add_visible(rules, cwd) : 0;
}

/* ttyname(3) looks at the name of a terminal that is open anyway. */
static int add_terminals(struct rules *rules)
{
	char name[128];
	int r = 0;

	for (int fd = 0; fd <= 2 && r == 0; fd++)
		if (ttyname_r(fd, name, sizeof(name)) == 0)
			r = rules_add_visible(rules, name);
	return r;
}

int plan_add_command(const struct options *options, struct plan *plan)
{
	struct rules *rules = &plan->rules;
	const struct command *command = &plan->command;
	int r = 0;

	for (size_t i = 0; i < command->executables.n && r == 0; i++)
		r = add_program(plan, command->executables.items[i], true,
				"the program");
	if (r == 0)
		r = add_images(plan);
	if (r == 0)
		r = rules_add_visible(rules, command->program);
	for (size_t i = 0; i < command->links.n && r == 0; i++)
		r = rules_add_visible(rules, command->links.items[i]);
	if (r == 0)
		r = add_working_directory(rules);
	if (r == 0)
		r = add_terminals(rules);
	if (r == 0 && command->script)
		r = grants_add_implicit(rules, command->script, RIGHT_READ,
					false, "the entry script");
	if (r == 0)
		r = add_paths(rules, &plan->profile.read, RIGHT_READ,
			      "the runtime's profile");
	if (r == 0)
		r = add_paths(rules, &plan->profile.libraries, RIGHT_READ,
			      "a library of the runtime");
	if (r == 0 && options_has_net(options))
		r = add_paths(rules, &plan->profile.read_net, RIGHT_READ,
			      "the runtime's profile, for the network");
	if (r == 0)
		r = add_devices(rules);
	return r;
}
