import { recordedLog } from '../../session/benchLog'
import { type Area } from './area'

export const benchHandlers: Area<'bench'> = {
  'bench.open': (_input, { engine }) => engine.benches.open(),
  'bench.call': ({ id, act }, { engine }) => engine.benches.call(id, act),
  'bench.cancel': ({ id, number }, { engine }) => engine.benches.cancel(id, number),
  'bench.log': ({ id, from }, { engine, capture }) =>
    engine.benches.has(id) ? engine.benches.log(id, from) : recordedLog(capture, id, from),
  'bench.look': ({ id }, { engine }) => engine.benches.look(id),
  'bench.handOver': ({ id }, { engine }) => engine.benches.handOver(id),
  'bench.takeBack': ({ id, bench }, { engine }) => engine.benches.takeBack(id, bench),
  'bench.close': ({ id }, { engine }) => engine.benches.close(id),
}
