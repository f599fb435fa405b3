/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is printed from the table of options. */
#include "supervise/usage.h"

#include <errno.h>
#include <string.h>

#include "supervise/optable.h"

/*
 * Readline splits at '=' and leaves it as a word of its own; the last item of
 * a list is what is completed.
 */
static const char completion_tail[] =
	"\n"
	"_nssupervise()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} option='' list='' i word\n"
	"\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ $word == -- ]]; then\n"
	"\t\t\t_nssupervise_command $((i + 1))\n"
	"\t\t\treturn\n"
	"\t\telif [[ $word == -* ]]; then\n"
	"\t\t\toption=$word\n"
	"\t\telif [[ $word != = && ${COMP_WORDS[i - 1]} != = ]]; then\n"
	"\t\t\t_nssupervise_command $i\n"
	"\t\t\treturn\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tif [[ $cur == = || ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then\n"
	"\t\t[[ $cur == = ]] && cur=\n"
	"\t\t[[ $cur == *,* ]] && list=${cur%,*},\n"
	"\t\tmapfile -t COMPREPLY < <(_nssupervise_value \"$option\" \"${cur##*,}\")\n"
	"\t\tCOMPREPLY=(\"${COMPREPLY[@]/#/$list}\")\n"
	"\t\tcompopt -o filenames -o nospace\n"
	"\telif [[ $cur == -* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$_nssupervise_options\" -- \"$cur\")\n"
	"\t\t[[ ${COMPREPLY[*]} == *= ]] && compopt -o nospace\n"
	"\telse\n"
	"\t\t_nssupervise_command \"$COMP_CWORD\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"_nssupervise_command()\n"
	"{\n"
	"\tif declare -F _command_offset > /dev/null; then\n"
	"\t\t_command_offset \"$1\"\n"
	"\telif ((COMP_CWORD == $1)); then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -A command -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
	"\telse\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -A file -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
	"\tfi\n"
	"}\n"
	"\n"
	"complete -F _nssupervise nssupervise\n";

#define HELP_COLUMN 26 /* where the text begins */
#define HELP_WIDTH 79

/* Prints the words of @text from @column on; wraps to HELP_COLUMN. */
static void print_wrapped(FILE *out, size_t column, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (column > HELP_COLUMN && column + 1 + n > HELP_WIDTH) {
			(void)fputc('\n', out);
			column = 0;
		}
		if (column < HELP_COLUMN)
			column += (size_t)fprintf(
				out, "%*s", (int)(HELP_COLUMN - column), "");
		else if (column > HELP_COLUMN)
			column += (size_t)fprintf(out, " ");
		column += (size_t)fprintf(out, "%.*s", (int)n, text);
		text += n;
		while (*text == ' ')
			text++;
	}
	(void)fputc('\n', out);
}

static size_t print_name(FILE *out, const struct option_row *row)
{
	const char *open = row->is_optional ? "[=" : "=";
	const char *close = row->is_optional ? "]" : "";

	if (!row->value)
		return (size_t)fprintf(out, "  --%s", row->name);
	return (size_t)fprintf(out, "  --%s%s%s%s", row->name, open, row->value,
			       close);
}

static void print_help(FILE *out)
{
	size_t n;
	const struct option_row *rows = optable_rows(&n);
	enum option_group group = OPTION_GROUP_MAX;

	(void)fputs("Usage: nssupervise [OPTION]... [--] COMMAND [ARG]...\n"
		    "Run COMMAND under the permissions that the options give, "
		    "enforced by the kernel.\n",
		    out);
	for (size_t i = 0; i < n; i++) {
		size_t column;

		if (rows[i].refusal)
			continue;
		if (rows[i].group != group) {
			group = rows[i].group;
			(void)fprintf(out, "\n%s:\n", optable_group(group));
		}
		column = print_name(out, &rows[i]);
		if (column > HELP_COLUMN - 2) {
			(void)fputc('\n', out);
			column = 0;
		}
		print_wrapped(out, column, rows[i].help);
	}
	(void)fputs("\nIn lists of paths \\, is a comma, \\* a star and \\\\ a "
		    "backslash.\n"
		    "Exit status: the command's; 125 nssupervise failed, 126 "
		    "cannot execute COMMAND,\n"
		    "127 COMMAND not found; 128+N: signal N ended it.\n",
		    out);
}

/* For mdoc(7): a minus is no hyphen, each sentence begins a line. */
static void print_mdoc(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '-')
			(void)fputs("\\-", out);
		else if (*text == '\\')
			(void)fputs("\\e", out);
		else
			(void)fputc(*text, out);
		if (*text == '.' && text[1] == ' ') {
			(void)fputc('\n', out);
			text++;
		}
	}
}

static void print_mdoc_item(FILE *out, const struct option_row *row)
{
	(void)fprintf(out, ".It Fl \\-%s", row->name);
	if (row->value)
		(void)fprintf(out, " Ns %s= Ns Ar %s",
			      row->is_optional ? "Op " : "", row->value);
	(void)fputc('\n', out);
}

static void print_man_refused(FILE *out, const struct option_row *rows,
			      size_t n)
{
	bool is_first = true;

	for (size_t i = 0; i < n; i++) {
		if (!rows[i].refusal)
			continue;
		if (is_first)
			(void)fputs(
				".Ss Not available in this version\n"
				"These are known, and refused with status 125:\n"
				".Bl -tag -width Ds\n",
				out);
		is_first = false;
		print_mdoc_item(out, &rows[i]);
		(void)fputs("What holds instead: ", out);
		print_mdoc(out, rows[i].refusal);
		(void)fputs(".\n", out);
	}
	if (!is_first)
		(void)fputs(".El\n", out);
}

static void print_man(FILE *out)
{
	size_t n;
	const struct option_row *rows = optable_rows(&n);
	enum option_group group = OPTION_GROUP_MAX;

	for (size_t i = 0; i < n; i++) {
		if (rows[i].refusal)
			continue;
		if (rows[i].group != group) {
			(void)fputs(group == OPTION_GROUP_MAX ? "" : ".El\n",
				    out);
			group = rows[i].group;
			(void)fprintf(out, ".Ss %s\n.Bl -tag -width Ds\n",
				      optable_group(group));
		}
		print_mdoc_item(out, &rows[i]);
		print_mdoc(out, rows[i].help);
		(void)fputc('\n', out);
	}
	(void)fputs(".El\n", out);
	print_man_refused(out, rows, n);
}

/* What the shell completes behind the equals sign: a name of `compgen -A`. */
static const char *completion_of(const struct option_row *row)
{
	static const char *const kinds[][2] = {
		{ "PATH", "file" },
		{ "FILE", "file" },
		{ "PROGRAM", "command" },
		{ "NAME", "variable" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(row->value, kinds[i][0], strlen(kinds[i][0])) == 0)
			return kinds[i][1];
	return NULL;
}

static void print_completion(FILE *out)
{
	size_t n;
	const struct option_row *rows = optable_rows(&n);

	(void)fputs("# bash completion for nssupervise, generated from its "
		    "table of options\n"
		    "_nssupervise_options=\"",
		    out);
	for (size_t i = 0; i < n; i++)
		if (!rows[i].refusal)
			(void)fprintf(out, "\\\n--%s%s ", rows[i].name,
				      rows[i].value && !rows[i].is_optional ?
					      "=" :
					      "");
	(void)fputs("\"\n\n_nssupervise_value()\n{\n\tcase $1 in\n", out);
	for (size_t i = 0; i < n; i++) {
		const char *kind;

		if (rows[i].refusal || !rows[i].value)
			continue;
		kind = completion_of(&rows[i]);
		(void)fprintf(out, "\t--%s) ", rows[i].name);
		if (rows[i].words)
			(void)fprintf(out, "compgen -W '%s' -- \"$2\" ;;\n",
				      rows[i].words);
		else if (kind)
			(void)fprintf(out, "compgen -A %s -- \"$2\" ;;\n",
				      kind);
		else
			(void)fputs(": ;;\n", out);
	}
	(void)fputs("\tesac\n}\n", out);
	(void)fputs(completion_tail, out);
}

int usage_print(const char *what, FILE *out)
{
	if (!what)
		print_help(out);
	else if (strcmp(what, "man") == 0)
		print_man(out);
	else if (strcmp(what, "completion") == 0)
		print_completion(out);
	else if (strcmp(what, "version") == 0)
		(void)fprintf(out, "nssupervise %s\n", PACKAGE_VERSION);
	else
		return -EINVAL;
	return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}
