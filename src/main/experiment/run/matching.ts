import { createContext, Script } from 'node:vm'

/** An expression that has not come to an end by then goes round in circles; sockets wait no longer than that. */
const MAX_MS = 250

const script = new Script(
  '(() => { const found = expression.exec(text); return found === null ? -1 : found.index + found[0].length })()',
)

/**
 * Where the first match ends; -1 where there is none, null where the expression did not come to an end. An expression can
 * only be interrupted from a context of its own.
 * @param bytes each seen as the Latin-1 character of its number
 */
export function endOfMatch(source: string, flags: string, bytes: Uint8Array): number | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const context = createContext({ text, expression: new RegExp(source, flags) })
  try {
    return script.runInContext(context, { timeout: MAX_MS }) as number
  } catch (error) {
    // It is an Error of that context, which `instanceof` here does not know.
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null
    throw error
  }
}
