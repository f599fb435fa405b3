/* SPDX-License-Identifier: Apache-2.0 */
/* Where our own data lies: profiles, the shim. */
#ifndef SUPERVISE_DATA_H
#define SUPERVISE_DATA_H

/**
 * data_find() - find a file of ours
 * @folder: where it lies in the tree: "policies"
 * @installed: where it lies when it is installed: "profiles"
 * @name: of the file, or NULL for the folder itself
 *
 * A program that was built but not installed uses the files of its own tree:
 * beside its directory, or beside the one above.
 *
 * Return: 0, -ENOENT, -ENOMEM, or another errno of the installed file.
 */
int data_find(const char *folder, const char *installed, const char *name,
	      char **ret);

#endif
