import { type Helper } from '../helper'
import { openingHelpers } from './openingHelpers'
import { otherHelpers } from './otherHelpers'
import { talkingHelpers } from './talkingHelpers'

/** Functions of C programs that need them, in the order in which they stand; `imports` are headers. */
export const cHelpers: Readonly<Record<string, Helper>> = {
  ...openingHelpers,
  ...talkingHelpers,
  ...otherHelpers,
}
