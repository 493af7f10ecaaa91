import { fault } from '../../../shared/model/fault'
import { type Area } from './area'

export const exportHandlers: Area<'export'> = {
  'export.begin'({ scope, beside, format, grant }, { exports }) {
    const { id, rows, bytes } = scope
    if ((id === null || rows !== undefined) && bytes !== undefined) {
      return { ok: false, fault: fault('SB_INPUT', 'Bytes are those of one socket, and not by rows too.') }
    }
    if (id === null && rows !== undefined) {
      return { ok: false, fault: fault('SB_INPUT', 'Rows are those of one socket.') }
    }
    return exports.begin(scope, beside, format, grant)
  },
  async 'export.cancel'({ number }, { exports }) {
    await exports.cancel(number)
    return { ok: true, value: null }
  },
}
