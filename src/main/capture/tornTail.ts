import { truncate } from 'node:fs/promises'
import { fault, FaultError, type Reply } from '../../shared/model/fault'
import { scanBlocks } from './blockReader'
import { diskFault } from './diskFault'

/**
 * Cuts off what a recording that ended without notice has left behind its last whole block. Nothing is cut where more than
 * a writer's last piece would go: then the file is damaged in its middle, and what lies behind may still be of use.
 * Must not be called on a recording that is going on.
 */
export async function cutTornTail(file: string): Promise<Reply<{ readonly cutBytes: number }>> {
  try {
    const { fileBytes, goodBytes, stop } = await scanBlocks(file, () => undefined)
    if (stop === 'damaged') {
      return {
        ok: false,
        fault: fault(
          'SB_CAPTURE',
          `${file} is damaged at byte ${goodBytes} of ${fileBytes}; nothing was cut.`,
          {
            endpoint: file,
            hint: 'What comes before can be read. Keep a copy before you try anything on the file.',
          },
        ),
      }
    }
    if (goodBytes < fileBytes) await truncate(file, goodBytes)
    return { ok: true, value: { cutBytes: fileBytes - goodBytes } }
  } catch (error) {
    if (error instanceof FaultError) return { ok: false, fault: error.fault }
    return { ok: false, fault: diskFault(error, 'open', file, 'The capture cannot be mended') }
  }
}
