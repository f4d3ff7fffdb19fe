/** English: the words of "Check it yourself". Fetched with that view only. */

import type { Expiry } from '../check/trust/trust';
import { count } from '../figures/format';
import { en } from './en';
import type { CheckTexts } from './es.check';

const reasons: CheckTexts['reasons'] = {
  network:
    'The site did not answer, or its answer did not come whole. It may be your connection: try again.',
  missing: 'A file that this cut says it has is not there. Without it nothing can be checked.',
  altered:
    'A file is not the one that was signed: its integrity code is another. Do not trust what this site shows.',
  'too-large': 'A file is larger than it may be. It was not read.',
  format: 'A file is not in the documented format, or of a version that this page does not know.',
  note: 'The signed note is malformed: it is not what the centre issues.',
  signature:
    'A signature does not match what was signed: somebody altered one of them. Do not trust what this site shows.',
  'nobody-signed':
    'No key of this election’s log signed the note. Do not trust what this site shows.',
  checkpoint: 'The signed text is not that of a checkpoint of the log.',
  'other-log': 'The signed note is of another election’s log.',
  'key-of-other-cuts':
    'The key that signed may not sign this cut: it ended before, or begins later.',
  'cut-not-in-log': 'This cut is not in the signed log. Do not trust what this site shows.',
  'entry-not-in-log': 'That leaf is not in the signed log at the place given.',
  'other-entry': 'At that place of the log there is something else than what the page shows.',
  'acta-not-in-log':
    'The tally sheet shown is not in the signed log with these figures. Do not trust it.',
  'not-captured': 'This tally sheet has not been captured yet: there is nothing to check.',
  fork: 'The log no longer continues the one that this device saw: something already published was changed. Keep this screen and tell somebody.',
  shrunk: 'This site offers a shorter log than this device has seen: it hides what is newest.',
  'trust-signatures':
    'The trust root does not carry enough signatures of those who took part in the ceremony.',
  'trust-version': 'The versions of the trust root do not follow each other: it may be an old one.',
  'trust-other-election': 'The trust root is of another election, or of a drill.',
  'trust-incomplete': 'The trust root is incomplete: a file is missing.',
  'trust-changed':
    'The trust root is not the one that this device saw before. Compare its number with the one read in public.',
  'trust-gone': 'This device saw a trust root before, and this site has none any more.',
  'rules-differ':
    'The election shown (contests, candidacies, rules) is not the one signed in the ceremony.',
  'landing-differs': 'The landing shows other figures than the results of the same contest.',
  structure: 'Something stands where it does not belong in the results.',
  twice: 'Something stands there twice and would be counted twice.',
  counting: 'A tally sheet is counted, or not counted, against the rule.',
  receipt: 'This is not a receipt of a version that this page knows.',
  'receipt-proof': 'The receipt does not prove that the tally sheet was in the signed log.',
  'receipt-keys': 'The receipt is not signed by a key that is trusted for this election.',
  'too-large-for-qr': 'The receipt does not fit in a QR code. Save it as a file.',
};

const roles: Record<Expiry['role'], string> = {
  root: 'the list of who signs',
  targets: 'the list of keys',
  snapshot: 'the version number',
  timestamp: 'the date',
};

export const enCheck: CheckTexts = {
  reasons,
  at: 'At',
  again: 'Check again',
  stop: 'Stop',
  working: 'Checking…',
  yes: 'Yes',
  no: 'No',
  evidence: 'See the evidence',
  ofCut: (cut) => `Checked in cut ${cut}`,
  sha: 'SHA-256',

  signature: {
    title: 'Is this the cut that was signed?',
    before:
      'Fetches the signature of the public log and compares it with the keys made known in a ceremony. Then checks that this cut is in that log, and that the log has only grown since this device last saw it.',
    button: 'Check the signatures',
    done: (cut) => `Cut ${cut} is in the public log, signed by a key of the ceremony.`,
    held: (holders, publishers) =>
      publishers === 0
        ? 'There are no enrolled publishers yet to confirm it.'
        : `${count(holders)} of ${count(publishers)} publishers signed that they hold the same log.`,
    quorum: (quorum, reached) =>
      reached
        ? `That is what this election’s rule asks for (${count(quorum)}).`
        : `This election’s rule asks for ${count(quorum)}; just after a cut they may take some seconds.`,
    withoutTrust:
      'This site publishes no trust root, so there is nothing to compare the signature with: who signed cannot be known. The cut is in the log that the note describes.',
    saysSigned: 'The note says that it was signed by',
    number: 'Number of the trust root',
    numberHow:
      'Compare this number, digit by digit, with the one that the authority read in public. If it is another, somebody is showing you another election.',
    numberNow: 'Number of the root in force',
    compare: 'Type or paste the number that you know',
    same: 'It matches: it is the same root.',
    differs: 'It does not match. Do not trust what this site shows.',
    notNumber: 'The number has 40 digits.',
    expired: (parts) =>
      `Of the trust root these expired: ${parts.map(({ role, when }) => `${roles[role]} (${when})`).join(', ')}. For a past election that is normal; on election night this site may no longer receive news.`,
    since: {
      first:
        'This device sees this log for the first time. It will remember it, to notice if it is shown another later.',
      same: 'It is the same log that this device saw last time.',
      grown: (from) =>
        `The log has grown since last time (it had ${count(from)} leaves) and keeps everything from then.`,
    },
    facts: {
      origin: 'Log',
      signer: 'Signed by',
      size: 'Leaves signed',
      root: 'Root of the log',
      leaf: 'This cut is leaf',
      manifest: 'Manifest of the cut (SHA-256)',
      manifestSize: 'Size of the manifest',
      members: 'May sign the root',
      threshold: (threshold, members) => `${threshold} of ${members} signatures needed`,
      version: 'Version of the root',
    },
    publisher: 'Publisher',
    signedAt: 'Signed that it holds it',
    notYet: 'Not yet',
  },

  acta: {
    title: 'Is this tally sheet in the log?',
    before:
      'Makes the leaf of the tally sheet again from what the page shows, and proves that it is in the public log, in its place. The same for every earlier version.',
    choose:
      'Choose a tally sheet: go to the page of its casilla and press “Check this tally sheet”.',
    chosen: 'Tally sheet chosen',
    button: 'Check the tally sheet',
    done: (versions) =>
      versions === 1
        ? 'The tally sheet is in the signed log, with these same figures. It was never corrected.'
        : `The tally sheet is in the signed log, with these same figures. It has ${count(versions)} versions and all are there.`,
    version: 'Version',
    leaf: 'Leaf',
    when: 'Recorded',
    code: 'Code of the leaf',
    first: 'First',
    proof: (hashes, size) =>
      `The proof is ${count(hashes)} codes that lead from the leaf to the root of ${count(size)} leaves.`,
    unsigned: 'This site has no trust root: the signature of the log could not be checked.',
  },

  recount: {
    title: 'Do the tally sheets add up to what the page says?',
    before:
      'Fetches the whole public log, checks that it is the one that was signed, decides again which tally sheets of a contest count, and adds them up. Compares the result with what is published.',
    contest: 'Contest',
    size: (weight) => `Fetches about ${weight}. On mobile data that may cost you.`,
    button: 'Count again',
    progress: (leaves, all, size) => `${count(leaves)} of ${count(all)} leaves of the log, ${size}`,
    done: (actas, leaves) =>
      `The ${count(actas)} expected tally sheets, as the ${count(leaves)} leaves of the log have them, add up to exactly what the page says.`,
    differs: (lines) =>
      `${lines === 1 ? 'One figure of the page is' : `${count(lines)} figures of the page are`} not what the tally sheets add up to. Do not trust what this site shows.`,
    figure: 'Figure',
    published: 'On the page',
    recounted: 'Counted again',
    equal: 'Equal',
    unequal: 'Different',
    column: (name) => `In the box of ${name}`,
    candidacy: (name) => `Candidacy of ${name}`,
    party: (name) => `Party or independent ${name}`,
    others: {
      total: en.total,
      unregistered: en.unregistered,
      null: en.nullVotes,
      off_ballot: en.offBallot,
      votes_with_list: 'Votes of polling stations and tables with a voter list',
    },
    places: {
      captured: en.capturedActas,
      counted: en.countedActas,
      total: en.total,
      leader_votes: 'Votes of whoever has most',
    },
    basis: {
      of: 'Which votes are in the turnout',
      votes: 'Votes in the turnout',
      above: 'Why they are more than the voter list',
    },
    figures: (size) => `${count(size)} figures compared`,
  },

  file: {
    title: 'Is this file authentic?',
    before:
      'Computes the integrity code of a database, of the chosen tally sheet’s image or of a receipt that you have, and looks it up in this cut. The file does not leave your device.',
    choose: 'Choose a file',
    drop: 'or drop it here',
    progress: (done, size) => `${done} of ${size}`,
    database: (path) => `It is the official database ${path}, unchanged.`,
    image: 'It is the image of the chosen tally sheet, unchanged.',
    receipt: (version) =>
      `The receipt is authentic: it proves that version ${version} of the tally sheet was published.`,
    receiptCut: (cut) => `It was signed with cut ${cut}.`,
    receiptVotes: 'Votes of the tally sheet, in the order of the ballot',
    receiptNoTrust:
      'This site has no trust root, so there is nothing to compare the receipt’s signature with.',
    none: (databases, withImage) =>
      `${databases === 0 ? 'This cut has no databases yet. The file matches nothing' : databases === 1 ? 'It does not match the database of this cut' : `It matches none of the ${count(databases)} databases of this cut`}${withImage ? ', nor the image of the chosen tally sheet' : ''}. It may be of another cut, of another tally sheet, or altered.`,
    chooseActa: 'To compare an image, first choose the tally sheet on the page of its casilla.',
    name: 'File',
    size: 'Size',
  },

  receipt: {
    title: 'Keep a receipt',
    before:
      'A file with the tally sheet, the proof that it was in the log, and the signatures. It is verified without a network, today or years from now, with “openprep audit receipt”.',
    save: 'Save the file',
    qr: 'Show the QR code',
    saved: (name) => `${name} was saved.`,
    qrDone:
      'QR code with the short form of the receipt: the tally sheet, with the signatures that fit.',
    qrLabel: 'QR code of the receipt',
    unsigned:
      'This site has no trust root: whoever gets the receipt must know the key by other means.',
    choose: 'First choose a tally sheet, on the page of its casilla.',
  },
};
