import { FaultError, type Reply } from '../shared/model/fault'

/** The value, or a `FaultError`. */
export function must<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new FaultError(reply.fault)
  return reply.value
}
