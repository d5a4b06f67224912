/** The longest time that a timer of Node.js takes, in milliseconds: a longer one would be over at once. */
export const longestTimer: number = 2 ** 31 - 1
