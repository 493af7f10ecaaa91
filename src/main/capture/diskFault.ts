import { fault, type Fault } from '../../shared/model/fault'

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some room, or choose another disk.',
  EDQUOT: 'Your quota on this disk is used up. Free some room, or choose another disk.',
  EFBIG: 'The file is larger than this file system, or the limit set for this process (ulimit -f), allows.',
  EIO: 'The disk reports a hardware error. Choose another disk, and check this one.',
  EROFS: 'The file system is read-only. Choose another place.',
  EACCES: 'You have no permission for this file or its folder. Choose another place.',
  EPERM: 'You have no permission for this file or its folder. Choose another place.',
  ENOENT: 'Nothing is there. Check the path.',
  ENOTDIR: 'A part of the path is no folder. Check the path.',
  EISDIR: 'This is a folder. Name a file in it.',
  ELOOP: 'Symbolic links lead back to themselves here. Name the file itself.',
  EEXIST: 'Recordings are never overwritten. Choose another name, or remove the file first.',
  EMFILE: 'This process has all the descriptors it may have. Close some sockets, or raise ulimit -n.',
  ENAMETOOLONG: 'The file name is too long. Choose a shorter one.',
}

/** A failure of the recording's file as data. @param did what was tried, as the sentence's beginning: "The recording cannot be opened" */
export function diskFault(error: unknown, syscall: string, file: string, did: string): Fault {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
  if (code === null) {
    return fault('SB_CAPTURE', `${did}: ${error instanceof Error ? error.message : String(error)}`, {
      syscall,
      endpoint: file,
    })
  }
  const hint = HINTS[code]
  return {
    code,
    syscall,
    endpoint: file,
    summary: `${did}: ${code} (${file}).`,
    ...(hint !== undefined && { hint }),
  }
}
