import { fstatSync } from 'node:fs'
import process from 'node:process'
import { Readable } from 'node:stream'

/** Node takes a folder (`… < /tmp`) for an input that has ended; here it fails as read(2) of one does. */
export function standardInput(): Readable {
  if (!fstatSync(0).isDirectory()) return process.stdin
  return new Readable({
    read() {
      this.destroy(
        Object.assign(new Error('EISDIR: illegal operation on a directory, read'), {
          code: 'EISDIR',
          syscall: 'read',
        }),
      )
    },
  })
}
