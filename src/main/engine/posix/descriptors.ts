import { readdirSync, readFileSync } from 'node:fs'

/** Descriptors that are kept for files, pipes and what else the program opens. */
const RESERVE = 64

/**
 * How many sockets may be open at once. At RLIMIT_NOFILE, libuv accepts a caller and closes it without a word
 * (uv__emfile_trick), so the limit has to lie below. Node raises the soft limit to the hard one as it starts.
 */
export function socketLimit(): number {
  const limit = descriptorLimit()
  return limit === Infinity ? limit : Math.max(1, limit - openDescriptors() - RESERVE)
}

/** RLIMIT_NOFILE (getrlimit(2)); Infinity where there is none, as on Windows. */
function descriptorLimit(): number {
  if (process.platform === 'win32') return Infinity
  const soft = process.platform === 'linux' ? fromProc() : fromReport()
  return soft ?? 256
}

function fromProc(): number | null {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return soft === undefined ? null : soft === 'unlimited' ? Infinity : Number(soft)
  } catch {
    return fromReport() // no /proc in this container
  }
}

function fromReport(): number | null {
  const report = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | 'unlimited' } }
  }
  const soft = report.userLimits?.open_files?.soft
  return soft === undefined ? null : soft === 'unlimited' ? Infinity : soft
}

function openDescriptors(): number {
  try {
    return readdirSync('/dev/fd').length
  } catch {
    return RESERVE // cannot be counted: a guess on the safe side
  }
}
