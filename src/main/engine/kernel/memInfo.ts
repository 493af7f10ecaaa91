import { type KernelField } from '../../../shared/model/kernelFields'

/** What SO_MEMINFO tells, as SK_MEMINFO_… of <linux/sock_diag.h> has it, in its order: numbers of 4 bytes. */
export const memInfoFields = [
  'rmemAlloc',
  'rcvbuf',
  'wmemAlloc',
  'sndbuf',
  'fwdAlloc',
  'wmemQueued',
  'optmem',
  'backlog',
  'drops',
] as const satisfies readonly KernelField[]
