import { CST, Lexer } from 'yaml'

/** An experiment has five levels. */
const MAX_FLOW_DEPTH = 32
const MAX_INDICATORS_A_LINE = 16
const MAX_INDENT = 128
/** Ten thousand steps have fewer; the parser takes a second for so many of the worst. */
const MAX_TOKENS = 200_000

const TOO_DEEP = 'The file is nested more deeply than any experiment is.'

/**
 * Why a text is not given to the parser at all; null where it may be. The parser calls itself for each level, and V8 ends the whole program
 * when its stack is used up while it compiles an expression: so this is asked before, of the tokens alone.
 */
export function refuseTokens(text: string): string | null {
  let count = 0
  let flow = 0
  let indicators = 0
  let isAtLineStart = true
  for (const token of new Lexer().lex(text)) {
    if (++count > MAX_TOKENS)
      return `The file has more than ${MAX_TOKENS} words and signs; no experiment needs as many.`
    switch (CST.tokenType(token)) {
      case 'flow-map-start':
      case 'flow-seq-start':
        flow++
        break
      case 'flow-map-end':
      case 'flow-seq-end':
        flow = Math.max(0, flow - 1)
        break
      case 'seq-item-ind':
      case 'explicit-key-ind':
      case 'map-value-ind':
        indicators++
        break
      case 'newline':
        indicators = 0
        isAtLineStart = true
        continue
      case 'space':
        if (isAtLineStart && token.length > MAX_INDENT) return TOO_DEEP
        break
      default:
    }
    isAtLineStart = false
    if (flow > MAX_FLOW_DEPTH || indicators > MAX_INDICATORS_A_LINE + flow) return TOO_DEEP
  }
  return null
}
