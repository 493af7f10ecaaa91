;; Finds a byte string, sixteen places at a time: candidates are the places where its first and its last byte fit, and only
;; those are compared as a whole. (As in W. Muła, "SIMD-friendly algorithms for substring searching".)
(module
  (memory (export "memory") 1)

  ;; The first place p, from <= p and p + length <= end, at which the pattern lies; -1 if there is none.
  ;; Reads up to 15 bytes behind `end`, whose contents do not matter.
  (func (export "find") (param $from i32) (param $end i32) (param $pattern i32) (param $length i32) (result i32)
    (local $first v128)
    (local $last v128)
    (local $far i32)
    (local $limit i32)
    (local $mask i32)
    (local $at i32)
    (local $n i32)
    (local.set $far (i32.sub (local.get $length) (i32.const 1)))
    (local.set $limit (i32.sub (local.get $end) (local.get $length)))
    (local.set $first (i8x16.splat (i32.load8_u (local.get $pattern))))
    (local.set $last (i8x16.splat (i32.load8_u (i32.add (local.get $pattern) (local.get $far)))))
    (block $none
      (loop $next
        (br_if $none (i32.gt_s (local.get $from) (local.get $limit)))
        (local.set $mask
          (i8x16.bitmask
            (v128.and
              (i8x16.eq (v128.load align=1 (local.get $from)) (local.get $first))
              (i8x16.eq (v128.load align=1 (i32.add (local.get $from) (local.get $far))) (local.get $last)))))
        (if (local.get $mask)
          (then
            (loop $candidate
              (local.set $at (i32.add (local.get $from) (i32.ctz (local.get $mask))))
              (br_if $none (i32.gt_s (local.get $at) (local.get $limit)))
              (local.set $n (i32.const 1))
              (block $differs
                (loop $compare
                  (if (i32.ge_s (local.get $n) (local.get $far))
                    (then (return (local.get $at))))
                  (br_if $differs
                    (i32.ne
                      (i32.load8_u (i32.add (local.get $at) (local.get $n)))
                      (i32.load8_u (i32.add (local.get $pattern) (local.get $n)))))
                  (local.set $n (i32.add (local.get $n) (i32.const 1)))
                  (br $compare)))
              (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
              (br_if $candidate (local.get $mask)))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br $next)))
    (i32.const -1))

  ;; The same where some bits of a byte do not matter: those that are set at its place in `masks`. They are set in the pattern, too.
  (func (export "findMasked") (param $from i32) (param $end i32) (param $pattern i32) (param $length i32) (param $masks i32) (result i32)
    (local $first v128)
    (local $last v128)
    (local $firstMask v128)
    (local $lastMask v128)
    (local $far i32)
    (local $limit i32)
    (local $mask i32)
    (local $at i32)
    (local $n i32)
    (local.set $far (i32.sub (local.get $length) (i32.const 1)))
    (local.set $limit (i32.sub (local.get $end) (local.get $length)))
    (local.set $first (i8x16.splat (i32.load8_u (local.get $pattern))))
    (local.set $last (i8x16.splat (i32.load8_u (i32.add (local.get $pattern) (local.get $far)))))
    (local.set $firstMask (i8x16.splat (i32.load8_u (local.get $masks))))
    (local.set $lastMask (i8x16.splat (i32.load8_u (i32.add (local.get $masks) (local.get $far)))))
    (block $none
      (loop $next
        (br_if $none (i32.gt_s (local.get $from) (local.get $limit)))
        (local.set $mask
          (i8x16.bitmask
            (v128.and
              (i8x16.eq
                (v128.or (v128.load align=1 (local.get $from)) (local.get $firstMask))
                (local.get $first))
              (i8x16.eq
                (v128.or (v128.load align=1 (i32.add (local.get $from) (local.get $far))) (local.get $lastMask))
                (local.get $last)))))
        (if (local.get $mask)
          (then
            (loop $candidate
              (local.set $at (i32.add (local.get $from) (i32.ctz (local.get $mask))))
              (br_if $none (i32.gt_s (local.get $at) (local.get $limit)))
              (local.set $n (i32.const 1))
              (block $differs
                (loop $compare
                  (if (i32.ge_s (local.get $n) (local.get $far))
                    (then (return (local.get $at))))
                  (br_if $differs
                    (i32.ne
                      (i32.or
                        (i32.load8_u (i32.add (local.get $at) (local.get $n)))
                        (i32.load8_u (i32.add (local.get $masks) (local.get $n))))
                      (i32.load8_u (i32.add (local.get $pattern) (local.get $n)))))
                  (local.set $n (i32.add (local.get $n) (i32.const 1)))
                  (br $compare)))
              (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
              (br_if $candidate (local.get $mask)))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br $next)))
    (i32.const -1)))
