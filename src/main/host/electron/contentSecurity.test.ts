import { expect, test } from 'vitest'
import { contentSecurityPolicy } from './contentSecurity'

test('the policy allows nothing that is unsafe, and nothing from outside', () => {
  const policy = contentSecurityPolicy('abc')
  expect(policy).not.toContain('unsafe')
  expect(policy).not.toMatch(/\*|https?:|blob:/)
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).toContain("style-src 'self' 'nonce-abc'")
})
