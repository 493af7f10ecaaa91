import { type ImpairRules, type Which } from '../behaviours/impairRules'

/** A rule as a test, `count` being the number of the datagram: `count % 3 == 0`; null where there is no such rule. */
export function ruleTest(
  which: Which | null,
  count: string,
  random: (share: number) => string,
  equals = '==',
): string | null {
  if (which === null) return null
  return which.kind === 'random' ? random(which.share) : `${count} % ${which.nth} ${equals} 0`
}

/** Whether some rule is left to chance. */
export const isRandom = ({ lose, duplicate, reorder, delay }: ImpairRules): boolean =>
  [lose, duplicate, reorder, delay?.which ?? null].some((each) => each?.kind === 'random')

export const CHANCE =
  'What is left to chance falls on other datagrams than in Switchboard, and on others each time.'

const whichText = (which: Which): string =>
  which.kind === 'random'
    ? `${which.share * 100} in 100`
    : which.nth === 1
      ? 'every one'
      : `one in ${which.nth}`

/** What the network does, in words. */
export function rulesText({ lose, duplicate, reorder, delay }: ImpairRules): string {
  const parts = [
    lose === null ? '' : `loses ${whichText(lose)}`,
    duplicate === null ? '' : `sends ${whichText(duplicate)} twice`,
    reorder === null ? '' : `lets ${whichText(reorder)} be overtaken`,
    delay === null ? '' : `delays ${whichText(delay.which)} by ${delay.ms} ms`,
  ].filter((each) => each !== '')
  return parts.length === 0 ? 'loses nothing' : parts.join(', ')
}
