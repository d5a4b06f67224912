let count = 0

/** A word that no other row of the test file holds. */
export function unique(prefix = 'x'): string {
  count += 1
  return `${prefix}-${count}`
}

/** The fields that a customer cannot do without. */
export function customerData() {
  const name = unique('customer')
  return { email: `${name}@example.com`, name, passwordHash: 'hash' }
}

/** The fields that a product cannot do without. */
export function productData() {
  const sku = unique('sku')
  return { sku, name: `Product ${sku}`, price: '9.90' }
}
