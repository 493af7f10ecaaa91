import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue'

/**
 * How much came since the user scrolled away from the end.
 * @param source another one is looked at anew: nothing of it is unseen yet
 */
export function useUnseen(
  follow: Readonly<Ref<boolean>>,
  total: Readonly<Ref<number>>,
  source: () => unknown = () => null,
): ComputedRef<number> {
  const seen = shallowRef(0)
  watch(
    [follow, total],
    () => {
      if (follow.value) seen.value = total.value
    },
    { immediate: true },
  )
  watch(source, () => (seen.value = total.value))
  return computed(() => Math.max(0, total.value - seen.value))
}
