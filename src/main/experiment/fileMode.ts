const S_IFMT = 0o170000
const S_IFSOCK = 0o140000

/** What may be done with a file, as `ls -l` has it: `srwxr-xr-x`, where the s is a socket's. */
export function modeText(mode: number): string {
  const kind = (mode & S_IFMT) === S_IFSOCK ? 's' : '-'
  const bits = [...'rwxrwxrwx'].map((letter, at) => ((mode >> (8 - at)) & 1 ? letter : '-'))
  return kind + bits.join('')
}
