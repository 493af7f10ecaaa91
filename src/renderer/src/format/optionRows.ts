import type { OptionReading } from '@shared/model/options'
import {
  optionNames,
  socketOptions,
  type ManualPage,
  type OptionForm,
  type OptionMoment,
  type OptionName,
  type OptionValue,
} from '@shared/model/socketOptions'
import { formatOptionValue, nameOfValue, plainOptionValue } from '@shared/model/socketOptions/optionText'

/** One option as its table shows it. */
export interface OptionRow {
  readonly name: string
  readonly form: OptionForm | null
  readonly value: OptionValue | null
  readonly text: string
  /** What the value is called in the manual. */
  readonly called: string
  readonly standard: string
  readonly asked: string
  readonly meaning: string
  readonly page: ManualPage | ''
  readonly note: string | undefined
  /** When it is set, in words. */
  readonly when: string
  readonly isSettable: boolean
  /** Somebody asked for it, or it is not as a fresh socket has it. */
  readonly isChanged: boolean
}

const moments: Readonly<Record<OptionMoment, string>> = {
  beforeBind: 'before bind',
  beforeConnect: 'best before connect',
  anyTime: 'any time',
  never: 'read only',
}

export function rowOf(reading: OptionReading): OptionRow {
  const name = optionNames.find((each) => each === reading.name)
  if (name === undefined) return unknownRow(reading)
  const { form, meaning, page, when } = socketOptions[name]
  const { value, standard, asked, note } = reading
  return {
    name,
    form,
    value,
    text: textOf(name, value),
    called: value === null ? '' : (nameOfValue(name, value) ?? ''),
    standard: standard === undefined ? '' : (nameOfValue(name, standard) ?? textOf(name, standard)),
    asked: asked === undefined ? '' : textOf(name, asked),
    meaning,
    page,
    note,
    when: moments[when],
    isSettable: value !== null && (when === 'anyTime' || when === 'beforeConnect'),
    isChanged:
      asked !== undefined ||
      (standard !== undefined && value !== null && textOf(name, value) !== textOf(name, standard)),
  }
}

function textOf(name: OptionName, value: OptionValue | null): string {
  return value === null ? '–' : formatOptionValue(name, value)
}

/** Out of a recording of another version. */
function unknownRow({ name, value, asked, note }: OptionReading): OptionRow {
  return {
    name,
    form: null,
    value,
    text: value === null ? '–' : plainOptionValue(value),
    called: '',
    standard: '',
    asked: asked === undefined ? '' : plainOptionValue(asked),
    meaning: '',
    page: '',
    note,
    when: '',
    isSettable: false,
    isChanged: true,
  }
}

/** Whether all words that are sought are in it. */
export function fits(row: OptionRow, sought: string): boolean {
  const text = [row.name, row.meaning, row.page, row.called, row.note, row.when].join(' ').toLowerCase()
  return sought
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

export interface OptionSection {
  readonly title: string
  readonly rows: readonly OptionRow[]
}

/** Those that were asked for first, then by page. */
export function sections(rows: readonly OptionRow[]): readonly OptionSection[] {
  const titles = new Map<string, OptionRow[]>()
  for (const row of rows) {
    const title = row.asked !== '' ? 'Asked for' : row.page
    titles.set(title, [...(titles.get(title) ?? []), row])
  }
  return [...titles]
    .map(([title, found]) => ({ title, rows: found }))
    .toSorted((one, other) => Number(other.title === 'Asked for') - Number(one.title === 'Asked for'))
}
