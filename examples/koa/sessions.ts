const sessions = new Map([['session-of-ada', { id: 'u_42', type: 'user' }]])

/** Stands for the sessions of an application: returns the user of a session cookie. */
export async function findSession(cookie: string | undefined): Promise<object | undefined> {
  return cookie === undefined ? undefined : sessions.get(cookie)
}
