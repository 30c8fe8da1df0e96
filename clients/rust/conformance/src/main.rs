//! Sends the cases of tests/vectors to a gateway with this client, and prints what became of each as a
//! line of JSON. The README of the vectors describes both.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use personalize_gateway_client::v1::{
    ErrorReason, IngestBatchRequest, IngestBatchResponse, PutActionInteractionsRequest, PutActionsRequest,
    PutEventsRequest, PutItemsRequest, PutUsersRequest, Rule,
};
use personalize_gateway_client::{Credentials, GatewayClient, GatewayError, Options};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

type Failure = Box<dyn Error>;

/// What the gateway knows its protos by. The client has no descriptors, which protobuf's JSON needs.
const DESCRIPTORS: &[u8] = include_bytes!("../../../../gateway/api/descriptors.binpb");

#[derive(Deserialize)]
struct Vectors {
    name: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    rpc: String,
    request: Option<Box<RawValue>>,
    request_wire: Option<String>,
}

#[derive(Default, Serialize)]
struct Fate {
    name: String,
    code: String,
    reason: String,
    violations: Vec<Violation>,
    refused: Vec<Refused>,
    error: String,
}

#[derive(Serialize)]
struct Violation {
    field: String,
    rule: String,
}

#[derive(Serialize)]
struct Refused {
    record_index: i32,
    reason: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, target, directory] = arguments.as_slice() else {
        return Err("usage: conformance TARGET VECTORS_DIR".into());
    };
    let options = Options { timeout: Some(Duration::from_secs(30)), ..Options::default() };
    let client = GatewayClient::new(target, &Credentials::insecure(), options)?;
    let runner = Runner { client, pool: DescriptorPool::decode(DESCRIPTORS)? };
    for file in vector_files(Path::new(directory))? {
        runner.run(&file).await.map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

fn vector_files(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    if files.is_empty() {
        return Err(format!("{} holds no vectors", directory.display()).into());
    }
    Ok(files)
}

struct Runner {
    client: GatewayClient,
    pool: DescriptorPool,
}

impl Runner {
    async fn run(&self, file: &Path) -> Result<(), Failure> {
        let vectors: Vectors = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        for case in &vectors.cases {
            let mut fate = self.send(case).await?;
            fate.name = format!("{}/{}", vectors.name, case.name);
            println!("{}", serde_json::to_string(&fate)?);
        }
        Ok(())
    }

    /// Fails where the case is none that this program knows.
    async fn send(&self, case: &Case) -> Result<Fate, Failure> {
        let wire = match self.wire(case) {
            Ok(wire) => wire,
            Err(error) => return Ok(refused_by_client(error)),
        };
        let outcome = match case.rpc.as_str() {
            "PutEvents" => self.client.put_events(&mut PutEventsRequest::decode(&*wire)?).await.map(put),
            "PutActionInteractions" => {
                let mut request = PutActionInteractionsRequest::decode(&*wire)?;
                self.client.put_action_interactions(&mut request).await.map(put)
            }
            "PutItems" => self.client.put_items(&PutItemsRequest::decode(&*wire)?).await.map(put),
            "PutUsers" => self.client.put_users(&PutUsersRequest::decode(&*wire)?).await.map(put),
            "PutActions" => self.client.put_actions(&PutActionsRequest::decode(&*wire)?).await.map(put),
            "IngestBatch" => {
                let mut request = IngestBatchRequest::decode(&*wire)?;
                self.client.ingest_batch(&mut request).await.map(|response| ingested(&response))
            }
            rpc => return Err(format!("{}: there is no RPC {rpc}", case.name).into()),
        };
        Ok(outcome.unwrap_or_else(refused))
    }

    /// Returns the request as it is on the wire.
    fn wire(&self, case: &Case) -> Result<Vec<u8>, Failure> {
        let Some(json) = &case.request else {
            return Ok(STANDARD.decode(case.request_wire.as_deref().unwrap_or_default())?);
        };
        let name = format!("personalize_gateway.v1.{}Request", case.rpc);
        let descriptor = self.pool.get_message_by_name(&name).ok_or("there is no such message")?;
        let mut parser = serde_json::Deserializer::from_str(json.get());
        let request = DynamicMessage::deserialize(descriptor, &mut parser)?;
        parser.end()?;
        Ok(request.encode_to_vec())
    }
}

#[allow(clippy::needless_pass_by_value)]
fn refused_by_client(error: Failure) -> Fate {
    Fate { code: "CLIENT".into(), error: error.to_string(), ..Fate::default() }
}

fn put<Response>(_: Response) -> Fate {
    Fate { code: "OK".into(), ..Fate::default() }
}

fn ingested(response: &IngestBatchResponse) -> Fate {
    let mut fate = put(());
    for refusal in &response.refusals {
        let reason = ErrorReason::try_from(refusal.reason).unwrap_or_default();
        fate.refused.push(Refused {
            record_index: refusal.record_index,
            reason: reason.as_str_name().replacen("ERROR_REASON_", "", 1),
        });
        for violation in &refusal.violations {
            let rule = Rule::try_from(violation.rule).unwrap_or_default();
            fate.violations
                .push(Violation { field: violation.field.clone(), rule: rule.as_str_name().replacen("RULE_", "", 1) });
        }
    }
    fate
}

fn refused(error: GatewayError) -> Fate {
    let violations = error.violations.into_iter();
    Fate {
        code: code_name(&format!("{:?}", error.code)),
        reason: error.reason,
        violations: violations.map(|one| Violation { field: one.field, rule: one.rule }).collect(),
        error: error.message,
        ..Fate::default()
    }
}

/// `InvalidArgument` becomes `INVALID_ARGUMENT`.
fn code_name(words: &str) -> String {
    let mut name = String::new();
    for character in words.chars() {
        if character.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(character.to_ascii_uppercase());
    }
    name
}
