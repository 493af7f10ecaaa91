import { optionNames, type OptionName, type OptionValue } from '../../../shared/model/socketOptions'
import { askedWords } from '../../../shared/model/socketOptions/asks'
import { fitsOption, formatOptionValue } from '../../../shared/model/socketOptions/optionText'
import { type Told } from './story'

/** Options as they stand in an experiment; what has no word of its own is told by its name under `kernel`. */
export type WrittenOptions = Readonly<Record<string, number | boolean | string>>

/** The words whose values are those that the kernel takes. */
const wordOf: ReadonlyMap<string, string> = new Map(
  Object.entries(askedWords).flatMap(([word, { names, toKernel }]) =>
    toKernel === undefined ? names.map((name) => [name, word] as const) : [],
  ),
)

/** Options that were asked for before anything was carried. */
export function optionsOf(rows: readonly Told[]): WrittenOptions {
  const options: Record<string, number | boolean | string> = {}
  const kernel = new Map<OptionName, string>()
  for (const each of rows) {
    if (each.kind === 'data') break
    if (each.event.what !== 'optionsSet') continue
    for (const { name, asked } of each.event.options) {
      const known = optionNames.find((one) => one === name)
      if (known === undefined || asked === undefined || !fitsOption(known, asked)) continue
      const word = wordOf.get(known)
      if (word !== undefined && isPlain(asked)) options[word] = asked
      else if (isPlain(formatOptionValue(known, asked))) kernel.set(known, formatOptionValue(known, asked))
    }
  }
  if (kernel.size > 0)
    options['kernel'] = `{ ${[...kernel].map(([name, value]) => `${name}: ${value}`).join(', ')} }`
  return options
}

/** Those of a listener. One that accepted by hand accepts by itself: what its callers saw comes of it, too. */
export function listenerOptionsOf(rows: readonly Told[]): WrittenOptions {
  const isSerial = rows.some(
    (each) => each.kind === 'event' && each.event.what === 'acceptSet' && each.event.mode === 'serially',
  )
  return { ...optionsOf(rows), ...(isSerial ? { accept: 'serially' } : {}) }
}

/** It may come out of anybody's file: nothing that YAML would take for more than a value. */
function isPlain(value: OptionValue): value is number | boolean | string {
  return (
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && /^[\w.]+( m?s)?$/.test(value))
  )
}
