"""jsforce, as it is, against the org: a second reading of the API, in another language."""

import json
import subprocess

import pytest

pytestmark = pytest.mark.node

_PROGRAM = """
const { Connection } = require('@jsforce/jsforce-node')
const [instanceUrl, accessToken] = process.argv.slice(1)
const crm = new Connection({ instanceUrl, accessToken, version: '59.0' })
crm.bulk2.pollInterval = 10

async function main() {
  const seen = {}
  const page = await crm.query('SELECT Id, Company FROM Lead ORDER BY Id')
  seen.page = [page.records.length, page.done, (await crm.queryMore(page.nextRecordsUrl)).records.length]
  const all = await crm.query('SELECT Id FROM Lead').autoFetch(true).maxFetch(10000).execute()
  seen.all = all.records.length

  const described = await crm.sobject('Lead').describe()
  seen.described = described.fields.filter((one) => one.name === 'IsConverted').map((one) => one.type)

  const [first, second] = page.records.map((one) => one.Id)
  const written = await crm.sobject('Lead').update([{ Id: first, Title: 'CTO' }, { Id: second, Nonsense__c: 1 }])
  seen.written = written.map((one) => one.success)
  seen.read = (await crm.sobject('Lead').retrieve(first)).Title

  const rows = await (await crm.bulk2.query('SELECT Id FROM Lead')).toArray()
  seen.bulkRead = rows.length
  const sent = await crm.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'update',
    input: [{ Id: first, Title: 'CEO' }, { Id: '00Q000000000000AAA', Title: 'CEO' }] })
  seen.bulkWritten = [sent.successfulResults.length, sent.failedResults.length]
  seen.reread = (await crm.sobject('Lead').retrieve(first)).Title

  try {
    await crm.query('SELECT Nonsense__c FROM Lead')
  } catch (refused) {
    seen.refused = refused.errorCode
  }
  console.log(JSON.stringify(seen))
}
main()
"""


def test_jsforce_queries_describes_and_writes(simulator, org, token, node_modules):
    leads = len(org.snapshot("Lead"))

    done = subprocess.run(
        ["node", "-e", _PROGRAM, simulator.url, token],
        cwd=node_modules.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "page": [40, False, 40],
        "all": leads,
        "described": ["boolean"],
        "written": [True, False],
        "read": "CTO",
        "bulkRead": leads,
        "bulkWritten": [1, 1],
        "reread": "CEO",
        "refused": "INVALID_FIELD",
    }
