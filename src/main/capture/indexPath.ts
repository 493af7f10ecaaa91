/** Where the index of a capture lies. It can always be made anew. */
export function indexFileOf(file: string): string {
  return `${file}.idx`
}
