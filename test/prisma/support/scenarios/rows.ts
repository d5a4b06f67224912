/** A moment that is not now, so that it must come out exactly. */
export const at = new Date('2026-01-02T03:04:05.678Z')

/** The fields that a customer cannot do without. */
export function customer(name: string) {
  return { email: `${name}@example.com`, name, passwordHash: 'hash' }
}

/** The fields that a product cannot do without. */
export function product(sku: string) {
  return { sku, name: `Product ${sku}`, price: '9.90' }
}

/** Thrown by scenarios that undo their own work. */
export const failure: Error = new Error('the application changed its mind')
