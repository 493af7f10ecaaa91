import { readFileSync } from 'node:fs'
import { networkInterfaces, release, type } from 'node:os'
import { type Condition, type ConditionName } from '../../shared/model/experiment'
import { calls } from '../engine/posix/calls'

/** Bits of capabilities(7). */
const CAP_DAC_OVERRIDE = 1
const CAP_NET_BIND_SERVICE = 10
const CAP_NET_RAW = 13

/** The first IPv4 address of this machine that is not of its loopback; null where there is none. */
export function lanAddress(): string | null {
  for (const addresses of Object.values(networkInterfaces())) {
    const found = addresses?.find(({ family, internal }) => family === 'IPv4' && !internal)
    if (found !== undefined) return found.address
  }
  return null
}

/**
 * How often TCP sends a segment in vain before it gives up (tcp(7), tcp_retries2); null where the system does not tell. Others of
 * its defaults can be asked of a socket.
 */
export function tcpRetries(): string | null {
  return textOf('/proc/sys/net/ipv4/tcp_retries2')?.trim() ?? null
}

/** Such as `Linux 6.1.0`. */
export function systemName(): string {
  return `${type()} ${release()}`
}

/** Whether something holds of this machine, and of this program on it. Asked anew each time: addresses come and go. */
export function holds({ name, isNot }: Condition): boolean {
  return facts[name]() !== isNot
}

const facts: Readonly<Record<ConditionName, () => boolean>> = {
  linux: () => process.platform === 'linux',
  macos: () => process.platform === 'darwin',
  windows: () => process.platform === 'win32',
  native: () => calls() !== null,
  ipv6: () =>
    Object.values(networkInterfaces()).some((addresses) =>
      addresses?.some(({ address, internal }) => internal && address === '::1'),
    ),
  lan: () => lanAddress() !== null,
  'low-ports': () =>
    process.platform === 'win32' || firstFreePort() <= 1 || hasCapability(CAP_NET_BIND_SERVICE),
  raw: () => calls() !== null && hasCapability(CAP_NET_RAW),
  superuser: () => hasCapability(CAP_DAC_OVERRIDE),
}

/** Ports from this one on may be bound by anybody (ip(7)); elsewhere than on Linux those from 1024 on. macOS lets anybody bind all of them on all addresses. */
function firstFreePort(): number {
  return Number(textOf('/proc/sys/net/ipv4/ip_unprivileged_port_start') ?? 1024)
}

/** On Linux the effective set of capabilities(7); elsewhere the superuser has all. */
function hasCapability(bit: number): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(textOf('/proc/self/status') ?? '')?.[1]
  if (effective === undefined) return process.geteuid?.() === 0
  return ((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n) === 1n
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // a system without /proc: the question is answered otherwise
  }
}

/** As it is written: `not low-ports`. */
export function conditionText({ name, isNot }: Condition): string {
  return isNot ? `not ${name}` : name
}
