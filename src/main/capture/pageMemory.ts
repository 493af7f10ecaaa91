/** The part of WebAssembly's interface that is needed here; Node's types leave it out. */
declare const WebAssembly:
  | { readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer } }
  | undefined

const WASM_PAGE_BYTES = 65_536
/** What O_DIRECT wants at most of memory, file position and length on the disks in use (open(2)): one page. */
export const PAGE_BYTES = 4096

/**
 * Memory that begins at a page's edge and costs nothing until it is touched.
 *
 * An ArrayBuffer begins 16 bytes after one (malloc's header), and its first place that O_DIRECT accepts is at 512 bytes:
 * writing from there is half as fast as from a page's edge, because every page of the request is cut in two.
 * A WebAssembly memory is mapped by itself, on a page's edge. No code is compiled, so no policy against that applies.
 * @param lengthBytes a multiple of 65,536
 */
export function pageMemory(lengthBytes: number): Buffer {
  const pages = lengthBytes / WASM_PAGE_BYTES
  try {
    if (typeof WebAssembly !== 'undefined') {
      return Buffer.from(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer)
    }
  } catch (error) {
    // A RangeError: a limit on address space (ulimit -v) leaves no room for the guard pages. Anything else is a bug.
    if (!(error instanceof RangeError)) throw error
  }
  return Buffer.from(new ArrayBuffer(lengthBytes))
}
