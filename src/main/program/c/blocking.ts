import { Page } from '../page'
import { type ActOfKind } from '../plan/plan'
import { abouts, bufferOf, callText, made, readBytes } from './callText'
import { errnoOf, given } from './given'
import { type Script } from './script'

/** A call that does not return yet: a thread makes it. */
export function block(script: Script, act: ActOfKind<'call'>): void {
  const { page, functions } = script
  const { of, names, withinMs } = act
  const on = made(of)
  const name = script.named(`call on ${on} ${page.lines.length}`, `call_on_${script.bench(on)}`)
  const inside = new Page('    ')
  script.page = inside
  const text = callText(script, act, bufferOf(script, of))
  script.page = page
  if (text === null) return script.cannot(`${act.source}: C has no such call; it is not made.`)
  script.shareBench(on)
  script.imports.add('errno.h')
  functions.gap()
  functions.block(`
static ssize_t ${name}_gave; § What the call gave, and errno where it failed.
static int ${name}_errno;

static void *${name}(void *unused) § A call that blocks: a thread makes it.
{
    (void)unused;`)
  functions.in(() => functions.take(inside))
  functions.block(`
    ${name}_gave = ${text}; § ${abouts[of.call] ?? of.call}
    ${name}_errno = errno;
    return NULL;
}`)
  page.line(
    `pthread_t ${name}_thread = ${script.use('start')}(${name}, NULL);`,
    `${abouts[of.call] ?? ''} It blocks: a thread makes it.`,
  )
  page.line(
    `if (${script.use('ends_within')}(${name}_thread, ${withinMs}))`,
    'So long it must not come back.',
  )
  page.in(() => page.line(`${script.use('fail')}("${on}: ${of.call} came back, expected it to block");`))
  script.blocked.set(on, { name, names, call: of.call, isReceive: readBytes(of) !== null })
}

export function returns(script: Script, { on, expected, withinMs }: ActOfKind<'returns'>): void {
  const { page } = script
  const blocked = script.blocked.get(on)
  if (blocked === undefined) return script.cannot(`No call on ${on} is under way here.`)
  const { name, names, call: made, isReceive } = blocked
  page.line(
    `if (!${script.use('ends_within')}(${name}_thread, ${withinMs}))`,
    'The call that blocked comes back now.',
  )
  page.in(() => page.line(`${script.use('fail')}("${on}: ${made} has not come back");`))
  if (expected?.is === 'raises') {
    page.line(
      `if (${name}_gave != -1 || ${name}_errno != ${errnoOf(expected.code)})`,
      `It must have failed with ${expected.code}.`,
    )
    return page.in(() =>
      page.line(`${script.use('fail')}("${on}: ${made} did not fail with ${expected.code}");`),
    )
  }
  page.line(`if (${name}_gave == -1) {`)
  page.in(() => {
    page.line(`errno = ${name}_errno;`)
    page.line(`${script.use('die')}("${made}");`)
  })
  page.line('}')
  if (made === 'accept')
    page.line(
      `${script.declare('int ', script.bench(names[0] ?? 'line'))} = (int)${name}_gave;`,
      'The new socket.',
    )
  else given(script, on, expected, `${name}_gave`, isReceive)
}
