import { type Lesson } from '../shared/model/lesson'
import { visibleText } from '../shared/wire/escape'
import { plainText, type UsedValue } from '../main/lesson/usedValues'

/** For each part the heading that it stands under in the text; the part's own name where there is none. */
export function partHeadings({ blocks }: Lesson): ReadonlyMap<string, string> {
  const headings = new Map<string, string>()
  let last: string | null = null
  for (const block of blocks) {
    if (block.is === 'heading')
      last = visibleText(
        plainText(block.text, (name) => `{${name}}`),
        'lines',
      )
    else if (block.is === 'do') {
      headings.set(block.part, last ?? block.part)
      last = null
    }
  }
  return headings
}

/** The values that the text uses, a line for each. */
export function valueLines(values: readonly UsedValue[]): string[] {
  if (values.length === 0) return []
  const width = Math.max(...values.map(({ name }) => name.length))
  return [
    '',
    'measured here:',
    ...values.map(
      ({ name, value }) => `  ${name.padEnd(width)}  ${value === null ? '-' : visibleText(value, 'lines')}`,
    ),
  ]
}
