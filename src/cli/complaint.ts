import { describeFault, type Fault } from '../shared/model/fault'
import { visibleText } from '../shared/wire/escape'

/** One line that says what is wrong. Our own codes mean nothing to a user; an errno does. What it quotes of a file acts on no terminal. */
export function complaint(fault: Fault): string {
  const text = fault.code.startsWith('SB_')
    ? [fault.summary, fault.hint].filter(Boolean).join(' ')
    : describeFault(fault)
  return `switchboard: ${visibleText(text.replace(/\s*\n\s*/g, ' '), 'lines')}`
}
