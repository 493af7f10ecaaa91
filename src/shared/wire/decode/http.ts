import { textOf, type Scribe } from './scribe'

const START = /^(?:HTTP\/\d\.\d \d{3}(?: .*)?|[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP\/\d\.\d)$/
/** A head longer than this is not read on. */
const MAX_LINE_BYTES = 64 * 1024

/** The next line without its ending; null at the empty line. The line's field is the whole of it with its ending. */
function line(s: Scribe): string {
  const limit = Math.min(s.end, s.at + MAX_LINE_BYTES)
  const feed = s.bytes.subarray(s.at, limit).indexOf(0x0a)
  if (feed === -1) {
    if (limit < s.end) s.fail('A line is longer than 64 KiB.')
    const part = textOf(s.bytes.subarray(s.at, s.end))
    if (part !== '') s.rest('unfinished line', s.left, textOf)
    s.short()
  }
  const end = s.at + feed
  const text = s.bytes.subarray(s.at, s.bytes[end - 1] === 0x0d && feed > 0 ? end - 1 : end)
  s.at = end + 1
  return text.length > 900 ? String.fromCharCode(...text.subarray(0, 900)) : textOf(text)
}

interface Head {
  length: number | null
  isChunked: boolean
}

function startLine(s: Scribe): { text: string; isResponse: boolean; status: number } {
  const from = s.at
  const text = line(s)
  const end = s.at
  if (!START.test(text) && text.length < 900) {
    s.at = from
    s.fail('This is no request line and no status line of HTTP/1.')
  }
  const isResponse = text.startsWith('HTTP/')
  s.at = from
  s.group(isResponse ? 'status line' : 'request line', () => {
    const names = isResponse ? ['version', 'status', 'reason'] : ['method', 'target', 'version']
    let at = from
    names.forEach((name, index) => {
      let to = index === 2 ? end : s.bytes.indexOf(0x20, at)
      if (to === -1 || to > end) to = end
      while (to > at && index === 2 && (s.bytes[to - 1] === 0x0a || s.bytes[to - 1] === 0x0d)) to--
      if (to > at) s.note(name, textOf(s.bytes.subarray(at, to)), at, to)
      at = Math.min(end, to + 1)
    })
    s.at = end
    return text
  })
  return { text, isResponse, status: isResponse ? Number(text.slice(9, 12)) : 0 }
}

function header(s: Scribe, head: Head): boolean {
  const from = s.at
  const text = line(s)
  if (text === '') {
    s.note('end of head', '', from)
    return false
  }
  const colon = text.indexOf(':')
  if (colon < 1) {
    s.note('header', text, from, s.at, 'A header has a name and a colon.')
    return true
  }
  const name = text.slice(0, colon)
  const value = text.slice(colon + 1).trim()
  const key = name.toLowerCase()
  let problem: string | undefined
  if (key === 'content-length') {
    if (/^\d{1,15}$/.test(value)) {
      if (head.length !== null && head.length !== Number(value))
        problem = 'Two lengths contradict each other.'
      head.length = Number(value)
    } else problem = 'This is no length.'
  }
  if (key === 'transfer-encoding' && /(?:^|,)\s*chunked$/i.test(value)) head.isChunked = true
  s.note(name, value, from, s.at, problem)
  return true
}

function chunked(s: Scribe): string {
  let total = 0
  for (;;) {
    let size = 0
    s.group('chunk', () => {
      const text = s.field('size', () => line(s))
      const digits = /^[0-9a-f]{1,8}(?=\s*(?:;|$))/i.exec(text)?.[0]
      if (digits === undefined) return s.fail('A chunk begins with its size in hexadecimal.')
      size = parseInt(digits, 16)
      if (size > 0) {
        if (size > s.left) s.rest('data', s.left, textOf)
        else s.rest('data', size, textOf)
        s.field('end of chunk', () => line(s))
      }
      return `${size} B`
    })
    total += size
    if (size === 0) break
  }
  const none: Head = { length: null, isChunked: false }
  while (header(s, none));
  return `${total} B in chunks`
}

/** One HTTP/1 message (RFC 9112). The answer to HEAD cannot be told from others: what follows its head is read as its body. */
export function readHttp(s: Scribe): void {
  s.group('HTTP', (draft) => {
    const start = startLine(s)
    draft.value = start.text
    const head: Head = { length: null, isChunked: false }
    while (header(s, head));
    const hasNoBody = start.isResponse && (start.status < 200 || start.status === 204 || start.status === 304)
    if (hasNoBody) return start.text
    if (head.isChunked) s.group('body', () => chunked(s))
    else if (head.length !== null && head.length > 0) {
      const length = head.length
      s.within('body', length, () => {
        const body = s.bytes.subarray(s.at, s.end)
        s.at = Math.min(s.end, s.at + length)
        return textOf(body.subarray(0, length))
      })
    } else if (head.length === null && start.isResponse && s.left > 0) {
      // It ends with the connection.
      s.rest('body', s.left, textOf)
    }
    return start.text
  })
}
