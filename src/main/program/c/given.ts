import { type CallExpectation, TIMEOUT_ERROR } from '../../../shared/model/experiment'
import { bytesInPython } from '../pythonBytes'
import { type Script } from './script'

/** A timeout that is over is told as EAGAIN (SO_RCVTIMEO, socket(7)). */
export const errnoOf = (code: string): string => (code === TIMEOUT_ERROR ? 'EAGAIN' : code)

/** Compares what a call gave, where what is expected is bytes or a number. */
export function given(
  script: Script,
  on: string,
  expected: CallExpectation | null,
  variable: string,
  isReceive: boolean,
): void {
  const { page } = script
  if (expected?.is !== 'gives') return
  const wanted = bytesInPython(expected.text)
  if (isReceive && wanted !== null) {
    page.line(
      `${script.use('expect_data')}("${on}", ${script.named('buffer')}, (size_t)${variable}, ${script.bytes(wanted)}, ${wanted.length});`,
      'What came must be this.',
    )
  } else if (/^\d+$/.test(expected.text)) {
    page.line(`if (${variable} != ${expected.text})`, 'What it gave must be this.')
    page.in(() =>
      page.line(`${script.use('fail')}("${on}: it gave %zd, expected ${expected.text}", ${variable});`),
    )
  } else cannotCompare(script, expected.text)
}

export function cannotCompare(script: Script, text: string): void {
  script.cannot(
    `What it gives is expected to be ${text}, as Python prints it: C gives it in another form, and does not compare it.`,
  )
}
