/** A piece of a JavaScript expression: one character, escape, or class as a whole. */
function piecesOf(source: string): readonly string[] {
  return (
    source.match(
      /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[A-Za-z]|k<\w+>|p\{[^}]*\}|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:<?[=!]|:|<\w+>)|[\s\S]/g,
    ) ?? []
  )
}

/** The expression as Python's `re` has it, over bytes; null where it cannot say the same. */
export function pythonPattern(source: string, flags: string): string | null {
  if (/[uv]/.test(flags) && /\\[pu]/.test(source)) return null
  const out: string[] = []
  for (const piece of piecesOf(source)) {
    if (piece === '$' && !flags.includes('m')) out.push('\\Z')
    else if (piece === '.' && !flags.includes('s')) out.push('[^\\n\\r]')
    else if (piece === '[^]') out.push('[\\s\\S]')
    else if (piece === '[]') return null
    else if (/^\(\?<\w/.test(piece)) out.push(piece.replace('(?<', '(?P<'))
    else if (/^\\k</.test(piece)) out.push(`(?P=${piece.slice(3, -1)})`)
    else if (/^\\u00/.test(piece)) out.push(`\\x${piece.slice(4)}`)
    else if (/^\\[upc]/.test(piece)) return null
    else if (/^\\[A-Za-z]/.test(piece) && !/^\\[bBdDsSwWnrtvfx]/.test(piece)) out.push(piece.slice(1))
    else if (piece.length === 1 && piece > '\x7f') {
      if (piece > '\xff') return null
      out.push(`\\x${piece.charCodeAt(0).toString(16)}`)
    } else if (piece === '\n') out.push('\\n')
    else if (piece === '\r') out.push('\\r')
    else out.push(piece)
  }
  // Without ^ and $ it is all the same where lines begin.
  const isOfLines = flags.includes('m') && out.some((each) => each === '^' || each === '$')
  const marks = `${flags.includes('i') ? 'i' : ''}${isOfLines ? 'm' : ''}${flags.includes('s') ? 's' : ''}`
  return `${marks === '' ? '' : `(?${marks})`}${out.join('')}`
}

const posix: Readonly<Record<string, string>> = {
  '\\d': '[0-9]',
  '\\D': '[^0-9]',
  '\\w': '[A-Za-z0-9_]',
  '\\W': '[^A-Za-z0-9_]',
  '\\s': '[ \t\n\r\v\f]',
  '\\S': '[^ \t\n\r\v\f]',
  '\\n': '\n',
  '\\r': '\r',
  '\\t': '\t',
  '\\v': '\v',
  '\\f': '\f',
}

/** The expression as POSIX has it (regex(7), extended), with the flags of regcomp(3); null where it cannot say the same. */
export function posixPattern(
  source: string,
  flags: string,
): { readonly pattern: string; readonly flags: string } | null {
  if (/[uv]/.test(flags) || /[*+?}]\?/.test(source)) return null
  const out: string[] = []
  const pieces = piecesOf(source)
  const isOfLines = flags.includes('m') && pieces.some((each) => each === '^' || each === '$')
  for (const piece of pieces) {
    // With REG_NEWLINE what is not in a class is no newline either.
    if (isOfLines && (/^\[\^/.test(piece) || /^\\[DSW]/.test(piece))) return null
    if (piece.startsWith('[')) {
      const inside = classOf(piece)
      if (inside === null) return null
      out.push(inside)
    } else if (piece === '.' && !flags.includes('s')) out.push('[^\n\r]')
    else if (piece === '(?:' || /^\(\?<\w/.test(piece)) out.push('(')
    else if (piece.startsWith('(?')) return null
    else if (piece.startsWith('\\')) {
      const plain = posix[piece] ?? byteOf(piece)
      if (plain === null) return null
      out.push(plain.length === 1 && '.[{}()*+?^$|\\'.includes(plain) ? `\\${plain}` : plain)
    } else if (piece > '\x7f') return null
    else out.push(piece)
  }
  const marks = [...(flags.includes('i') ? ['REG_ICASE'] : []), ...(isOfLines ? ['REG_NEWLINE'] : [])]
  return { pattern: out.join(''), flags: marks.join(' | ') || '0' }
}

/** A class: escapes mean nothing in POSIX's, so that what they stand for is written out. */
function classOf(piece: string): string | null {
  let body = ''
  const isNot = piece.startsWith('[^')
  for (const each of piecesOf(piece.slice(isNot ? 2 : 1, -1))) {
    const known = posix[each]
    const plain =
      known?.startsWith('[^') === true
        ? null
        : (known?.replace(/^\[(.+)\]$/s, '$1') ?? (each.startsWith('\\') ? byteOf(each) : each))
    if (
      plain === null ||
      plain > '\x7f' ||
      plain === ']' ||
      plain === '-' ||
      plain === '^' ||
      plain === '['
    ) {
      if (plain !== '-' || each !== '-') return null
    }
    body += plain
  }
  return body === '' ? null : `[${isNot ? '^' : ''}${body}]`
}

/** The one character that an escape stands for; null where it is none, or NUL, which POSIX cannot name. */
function byteOf(piece: string): string | null {
  if (/^\\x[\da-fA-F]{2}$/.test(piece)) {
    const code = parseInt(piece.slice(2), 16)
    return code === 0 || code > 0x7f ? null : String.fromCharCode(code)
  }
  return /^\\[^A-Za-z0-9]$/.test(piece) ? piece.slice(1) : null
}
