import { type BenchAddress, type BenchFamily } from '../model/bench'
import { fault, type Reply } from '../model/fault'

/**
 * An address as a call takes it: `127.0.0.1:8060`, `[::1]:8060` (or `[fe80::1%2]:8060` with the interface's index), a path, `@name`.
 * Nothing is looked up; an empty host is all addresses, as in Python.
 */
export function parseSocketAddress(text: string, family: BenchFamily): Reply<BenchAddress> {
  const trimmed = text.trim()
  if (family === 'AF_UNIX') return { ok: true, value: { family, path: trimmed } }
  const match = /^(?:\[([^\]]*)\]|([^[\]]*?))(?::(\d*))?$/.exec(trimmed)
  if (match === null) return refuse(trimmed, family)
  const [, bracketed, plain = '', portText] = match
  const host = bracketed ?? plain
  // `::1` without brackets is a host, and no port.
  const port = portText === undefined || portText === '' ? 0 : Number(portText)
  if (port > 65535) {
    return { ok: false, fault: fault('SB_INPUT', `Port ${port} is not a whole number from 0 to 65535.`) }
  }
  if (family === 'AF_INET') {
    const isNumeric = host === '' || /^\d{1,3}(\.\d{1,3}){3}$/.test(host)
    return isNumeric
      ? { ok: true, value: { family, host: host === '' ? '0.0.0.0' : host, port } }
      : refuse(trimmed, family)
  }
  if (bracketed === undefined && host !== '') return refuse(trimmed, family)
  const [address = '', scope] = host.split('%')
  return {
    ok: true,
    value: {
      family,
      host: address === '' ? '::' : address,
      port,
      ...(scope !== undefined && /^\d+$/.test(scope) ? { scope: Number(scope) } : {}),
    },
  }
}

function refuse(text: string, family: 'AF_INET' | 'AF_INET6'): Reply<never> {
  const form = family === 'AF_INET' ? '127.0.0.1:8060' : '[::1]:8060'
  return {
    ok: false,
    fault: fault('SB_INPUT', `"${text}" is no address of ${family}.`, {
      hint: `Write ${form}: numbers only, nothing is looked up here.`,
    }),
  }
}
