# SPDX-License-Identifier: Apache-2.0
# What Perl programs do with files and processes.
use strict;
use warnings;
use Cwd qw(getcwd abs_path);
use Digest::SHA qw(sha256_hex);
use Fcntl qw(:flock :DEFAULT);
use File::Basename;
use File::Copy qw(copy move);
use File::Find;
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempfile tempdir);
use IO::Handle;
use IPC::Open3;
use POSIX qw(mkfifo strftime);
use Storable qw(store retrieve);

$| = 1;
print basename(getcwd()), ' ', basename(abs_path('data/to-file')), "\n";
make_path('made/by/perl');
copy('data/file', 'made/copy') or print "copy: $!\n";
move('made/copy', 'made/by/moved') or print "move: $!\n";
find({ wanted => sub { print "$File::Find::name\n" if -f },
       preprocess => sub { sort @_ }, no_chdir => 1 }, 'made', 'data/sub');
my ($handle, $name) = tempfile(UNLINK => 1);
print $handle "temporary\n";
close $handle;
print -s $name, "\n";
my $directory = tempdir(CLEANUP => 1);
print -d $directory ? "directory\n" : "none\n";
open(my $pipe, '-|', 'sort', '-r', 'data/words') or die;
print <$pipe>;
close $pipe;
print `echo from a shell`;
my $pid = fork() // die;
if (!$pid) { exec 'true' or exit 9 }
waitpid($pid, 0);
print "status $?\n";
my $child = open3(my $in, my $out, undef, 'tr', 'a-z', 'A-Z');
print $in "open three\n";
close $in;
print <$out>;
waitpid($child, 0);
sysopen(my $lock, 'lock', O_RDWR | O_CREAT, 0600) or die;
print flock($lock, LOCK_EX | LOCK_NB) ? "locked\n" : "no lock: $!\n";
store({ a => [1, 2] }, 'stored');
print scalar @{ retrieve('stored')->{a} }, "\n";
unlink 'stored';
mkfifo('fifo-of-perl', 0640) or print "mkfifo: $!\n";
print join(' ', map { sprintf '%o', $_ & 07777 } (stat 'fifo-of-perl')[2]),
	"\n";
opendir(my $entries, 'data') or die;
print join(' ', sort readdir $entries), "\n";
rename('lock', 'renamed') or print "rename: $!\n";
symlink('renamed', 'symlink') or print "symlink: $!\n";
chmod(0751, 'renamed');
utime(1, 2, 'renamed');
print readlink('symlink'), ' ', (stat 'symlink')[9], "\n";
{
	local ($^I, @ARGV) = ('.orig', 'renamed');
	open(my $file, '>', 'renamed') or die;
	print $file "line\n";
	close $file;
	while (<>) { s/line/edited/; print }
}
print sha256_hex('text'), ' ', strftime('%Y', gmtime 0), "\n";
open(my $missing, '<', 'nothing') or print "open: $!\n";
print -r 'data/file' ? 'r' : '-', -w _ ? 'w' : '-', -x _ ? 'x' : '-', "\n";
local $SIG{ALRM} = sub { die "alarm\n" };
eval { alarm 1; select(undef, undef, undef, 5); };
print $@;
remove_tree('made');
print system('sh', '-c', 'exit 5') >> 8, "\n";
