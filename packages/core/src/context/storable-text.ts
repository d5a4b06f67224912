/**
 * Makes a text one that PostgreSQL can store: it holds no NUL, and UTF-8 no half of a surrogate pair. The replacement character
 * says that something stood there.
 */
export function storableText(text: string): string {
  return Buffer.from(text.replaceAll('\u0000', '\ufffd')).toString()
}

/** The same for JSON text, where `JSON.stringify` has written them as escapes. An escaped backslash stays. */
export function storableJson(json: string): string {
  if (!json.includes('\\u')) return json
  return json.replace(/\\\\|\\u(?:0000|d[89a-f][0-9a-f]{2})/gi, (found) =>
    found === '\\\\' ? found : '\ufffd',
  )
}
