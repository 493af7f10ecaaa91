import { type Area } from './area'

export const sessionHandlers: Area<'session'> = {
  'session.open': ({ grant }, { opened }) => opened.open(grant),
  'session.cancelOpening': ({ opening }, { opened }) => opened.cancel(opening),
  'session.saveAs'({ grant, isMoved }, { saves, kernel }) {
    kernel.write()
    return saves.save('saveAs', grant, isMoved)
  },
  'session.saveCopy'({ grant }, { saves, kernel }) {
    kernel.write()
    return saves.save('saveCopy', grant)
  },
  'session.cancelSaving': (_input, { saves }) => saves.cancel(),
  'session.sync': (_input, { recording }) => recording.sync(),
  'session.arrange': ({ arrangement: text, run }, { arrangement }) => arrangement.set(text, run),
  'session.arrangement': (_input, { arrangement }) => ({
    ok: true,
    value: { arrangement: arrangement.last, run: arrangement.run },
  }),
}
