/**
 * What goes over the wire, for the type checker and the reader; there is no code in here.
 *
 * @typedef {{id: string, name: string, role: "trainee" | "instructor" | "admin", picture: string | null}} Person
 * @typedef {object} Place
 * @property {string} key
 * @property {"channel" | "dm" | "thread"} kind
 * @property {string} title
 * @property {string | null} parent
 * @property {"active" | "busy" | "paused" | "closed"} state
 * @property {number} unread
 * @property {string[]} members
 * @property {number} last
 * @property {string | null} [started]
 *
 * @typedef {{name: string, picture: string | null, role: "person" | "character" | "bot", person: string | null, played?: boolean}} Speaker `played`: a person wrote it for them.
 * @typedef {object} Choice
 * @property {string} id
 * @property {string} label
 * @property {"primary" | "danger" | "plain" | ""} style
 * @property {string | null} link
 * @property {boolean} opens_form
 * @property {string} confirm
 *
 * @typedef {{url: string, name: string, media_type: string, size: number, thumb: string | null}} SharedFile
 * @typedef {Record<string, any> & {kind: string}} Block
 * @typedef {object} Message
 * @property {string} id
 * @property {number} seq Its place in the order.
 * @property {number} changed Grows with each change of it.
 * @property {string} place
 * @property {string} at
 * @property {Speaker} speaker
 * @property {string} title
 * @property {string} text
 * @property {Block[]} blocks
 * @property {Choice[]} choices
 * @property {SharedFile[]} files
 * @property {string | null} only_for
 * @property {boolean} pinned
 * @property {boolean} edited
 * @property {boolean} deleted
 * @property {boolean} draft
 * @property {string | null} event_id
 *
 * @typedef {object} Option
 * @property {string} name
 * @property {string} description
 * @property {string} kind
 * @property {boolean} optional
 * @property {[string, string][]} choices
 * @property {boolean} completes
 * @typedef {{name: string, summary: string, roles: string[], options: Option[]}} Command
 *
 * @typedef {object} FormField
 * @property {"text" | "choice" | "number" | "time" | "person" | "file"} kind
 * @property {string} name
 * @property {string} label
 * @property {string} [help]
 * @property {boolean} [required]
 * @property {boolean} [multiline]
 * @property {boolean} [many]
 * @property {[string, string][]} [choices]
 * @property {string[]} [accept]
 * @property {any} [value]
 * @property {number | null} [min]
 * @property {number | null} [max]
 * @property {number} [longest]
 * @property {boolean} [whole]
 * @property {string[]} [media_types]
 * @typedef {{id: string, title: string, submit?: string, text?: string, fields: FormField[]}} Form
 *
 * @typedef {object} Start
 * @property {Person} me
 * @property {Person[]} people
 * @property {Person[]} identities
 * @property {Place[]} places
 * @property {Command[]} commands
 * @property {{text: number, upload_bytes: number}} limits
 * @property {number} [seq]
 * @property {string | null} [csrf]
 * @property {string} [bot]
 * @property {string[]} [upload_types]
 *
 * @typedef {{id: string, name: string, media_type: string, size: number, thumb: string | null}} Upload
 */
export {};
