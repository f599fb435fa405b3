/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a manifest are URL references; files have paths. */
#ifndef VERIFY_URL_H
#define VERIFY_URL_H

/**
 * url_resolve() - which file does a key of the manifest name?
 * @key: begins with "/", "./" or "../" and is taken relative to @directory, or
 *       is an absolute URL
 * @directory: absolute path of the manifest's directory, without "." and ".."
 * @ret_path: absolute path, percent-decoded; ends in "/" if the key does
 *
 * Parses as the URL standard does for the scheme "file". Spellings that differ
 * only in percent-encoding name the same file.
 *
 * Return: 1; 0 for a valid URL that names no file of this machine (another
 * scheme or host, a query, a fragment, an empty path segment); -EINVAL if it
 * is no URL; -EILSEQ if it hides "/" or NUL behind a percent sign; -ENOMEM.
 */
int url_resolve(const char *key, const char *directory, char **ret_path);

/**
 * url_canonical() - the identity of what a URL reference names
 * @text: as @key above, but @directory may be NULL: then it must be absolute
 * @ret: for a plain file its decoded absolute path; else the canonical text of
 *       the URL. Two references name the same if their identities are equal.
 *
 * Return: 1, or as url_resolve().
 */
int url_canonical(const char *text, const char *directory, char **ret);

/** url_of() - the URL text of an identity; freed by the caller, NULL: memory */
char *url_of(const char *identity);

/**
 * url_encode_path() - @path as the path of a file URL
 *
 * Escapes what the URL function of Node.js 20 escapes, so the result as a key
 * is found by its own policies, too.
 *
 * Return: NULL: no memory.
 */
char *url_encode_path(const char *path);

#endif
