import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/** What has a session's name, and is none. */
export interface BadFile {
  readonly kind: string
  readonly file: string
  /** How it is refused by whoever reads it. */
  readonly told: RegExp
}

const ZIP = "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('a.txt', 'a' * 5000)"
/** SOI and the JFIF header (ISO 10918-5). */
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb0043', 'hex')
/** An old pcap file of no packets (draft-ietf-opsawg-pcap): little endian, microseconds, Ethernet. */
const NOTHING_BUT_PCAP = Buffer.from('d4c3b2a102000400000000000000000000000400', 'hex')

/** Every one of them in a folder. They need no root, and go with the folder. */
export function badFiles(folder: string): readonly BadFile[] {
  const at = (name: string): string => path.join(folder, `${name}.swb`)
  execFileSync('python3', ['-c', ZIP, at('zip')])
  fs.writeFileSync(at('jpeg'), Buffer.concat([JPEG, Buffer.alloc(5000, 0x5a)]))
  fs.writeFileSync(at('elf'), fs.readFileSync(process.execPath).subarray(0, 8192))
  fs.writeFileSync(at('text'), 'no session, but some words\n'.repeat(9))
  fs.writeFileSync(at('zeros'), Buffer.alloc(10_000))
  fs.writeFileSync(at('empty'), '')
  fs.writeFileSync(at('pcap'), Buffer.concat([NOTHING_BUT_PCAP, Buffer.from([1, 0, 0, 0])]))
  fs.mkdirSync(at('folder'))
  execFileSync('mkfifo', [at('fifo')])
  fs.symlinkSync('/dev/zero', at('device'))
  fs.symlinkSync(path.join(folder, 'gone'), at('dangling'))
  fs.symlinkSync(at('loop'), at('loop'))
  const long = path.join(folder, `${'x'.repeat(300)}.swb`)
  const isNone = /no recording: it does not begin as pcapng|no capture file: it does not begin as pcapng/
  return [
    ...['zip', 'jpeg', 'elf', 'text', 'zeros'].map((kind) => ({ kind, file: at(kind), told: isNone })),
    { kind: 'empty', file: at('empty'), told: /empty\.swb is empty/ },
    { kind: 'pcap', file: at('pcap'), told: /a capture, but no recording|a pcap file of the old form/ },
    { kind: 'folder', file: at('folder'), told: /folder\.swb is a folder/ },
    { kind: 'fifo', file: at('fifo'), told: /fifo\.swb is no regular file/ },
    { kind: 'device', file: at('device'), told: /device\.swb is no regular file/ },
    { kind: 'dangling', file: at('dangling'), told: /ENOENT.*Nothing is there/ },
    { kind: 'loop', file: at('loop'), told: /ELOOP.*lead back/ },
    { kind: 'missing', file: at('missing'), told: /ENOENT.*Nothing is there/ },
    { kind: 'too long a name', file: long, told: /ENAMETOOLONG.*too long/ },
  ]
}

/** All that a folder holds: names, kinds, and what is in files. */
export function contentsOf(folder: string): readonly string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const at = path.join(folder, entry.name)
      if (entry.isSymbolicLink()) return `${entry.name} -> ${fs.readlinkSync(at)}`
      if (!entry.isFile()) return `${entry.name} ${entry.isDirectory() ? 'folder' : 'special'}`
      return `${entry.name} ${createHash('sha256').update(fs.readFileSync(at)).digest('hex')}`
    })
    .toSorted()
}
