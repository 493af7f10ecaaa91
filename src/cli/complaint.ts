import { describeFault, type Fault } from '../shared/model/fault'

/** One line that says what is wrong. Our own codes mean nothing to a user; an errno does. */
export function complaint(fault: Fault): string {
  const text = fault.code.startsWith('SB_')
    ? [fault.summary, fault.hint].filter(Boolean).join(' ')
    : describeFault(fault)
  return `switchboard: ${text.replace(/\s*\n\s*/g, ' ')}`
}
