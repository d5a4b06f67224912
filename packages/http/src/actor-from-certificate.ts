import type { PeerCertificate } from 'node:tls'
import { aFunction, aText, checkOptions, type OptionRules } from '@indelible/core'
import { toActorId } from './actor-id.ts'
import type { ActorResolver, BadCredentials } from './actor-resolver.ts'

/** Whom a certificate names. */
export interface ActorFromCertificateOptions {
  /** Tells the id. @default the one common name of its subject */
  readonly id?: (certificate: PeerCertificate) => string | undefined
  /** Of the actor. @default 'service' */
  readonly type?: string
}

const rules: OptionRules<ActorFromCertificateOptions> = { id: aFunction, type: aText }
const nameless: BadCredentials = Object.freeze({ badCredentials: 'certificate-without-name' })

/**
 * Takes the actor from the client certificate of the connection, where TLS has accepted it (`requestCert` with a `ca` of yours). A
 * certificate that a proxy reports in a header is not read.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` at start-up naming the option.
 */
export function actorFromCertificate<Native = unknown>(
  options: ActorFromCertificateOptions = {},
): ActorResolver<Native> {
  checkOptions(options, rules, 'actorFromCertificate')
  const { id: nameOf = commonName, type = 'service' } = options
  return ({ clientCertificate }) => {
    const certificate = clientCertificate?.()
    // Node.js tells the absence of a certificate by an empty object.
    if (certificate?.fingerprint256 === undefined) return undefined
    const id = toActorId(nameOf(certificate))
    if (id === undefined) return nameless
    return { id, type, authMethod: 'certificate', fingerprint256: certificate.fingerprint256 }
  }
}

// A subject may have several common names, although the types do not say so.
function commonName({ subject }: PeerCertificate): string | undefined {
  const name: unknown = subject?.CN
  return typeof name === 'string' ? name : undefined
}
