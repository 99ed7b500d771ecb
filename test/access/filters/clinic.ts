/** Types of another trade, to try the names that the check was not written with. */
export const CLINIC = `
  scalar UUID scalar Date scalar JSONObject scalar PhoneNumber
  enum Severity { LOW HIGH } enum Sort { ASC DESC }
  type Patient @public { id: ID! displayName: String ward: String mrn: String @auth(requires: ADMIN) diagnosis: String @auth(requires: ADMIN) insuranceNumber: String @auth(requires: ADMIN) dateOfBirth: Date @auth(requires: ADMIN) riskScore: Float @auth(requires: ADMIN) isVip: Boolean @auth(requires: ADMIN) visits: [Visit] doctor: Doctor }
  type Doctor @public { id: ID! displayName: String specialty: String pager: String @auth(requires: EDITOR) licenseNumber: String @auth(requires: EDITOR) }
  type Visit @public { id: ID! room: String at: Date severity: Severity internalNotes: String @auth(requires: EDITOR) cost: Float @auth(requires: ADMIN) patient: Patient }
  type Vehicle @public { id: ID! model: String color: String licensePlate: String @auth(requires: EDITOR) vin: String @auth(requires: ADMIN) lastLocation: String @auth(requires: EDITOR) driver: Driver }
  type Driver @public { id: ID! nickname: String rating: Float phoneNumber: PhoneNumber @auth(requires: EDITOR) walletAddress: String @auth(requires: ADMIN) }
  type Secret @auth(requires: ADMIN) { id: ID! name: String token: String }
  type Channel @public { id: ID! name: String topic: String inviteCode: String @auth(requires: EDITOR) messages: [Message] }
  type Message @public { id: ID! text: String at: Date sender: Driver }
  type Stat @public { n: Int avg: Float }
  input PatientsBy { mrn: String ward: String } input VehicleWhere { model: String licensePlate: Cmp } input Cmp { eq: String like: String }
  input Safe { ward: String displayName: String } input Money { cost: Rng } input Rng { min: Float max: Float }
  enum PatientColumn { id displayName mrn riskScore } enum VehicleColumn { model color } enum VisitOrder { AT COST }
`;

/** Fields that reveal guarded values by what they are given. */
export const CLINIC_NOTICED: readonly string[] = `
patients(where: PatientsBy): [Patient]
patients(mrn: String): [Patient]
patients(diagnosisContains: String): [Patient]
patients(riskScoreGt: Float): [Patient]
patients(isVip: Boolean): [Patient]
patients(vip: Boolean, bornBefore: Date, dateOfBirthBefore: Date): [Patient]
patients(orderBy: PatientColumn): [Patient]
patients(sort: [PatientColumn!], dir: Sort): [Patient]
patient(mrn: String!): Patient
patientByMrn(mrn: String!): Patient
patientByInsuranceNumber(number: String!): Patient
findPatient(insuranceNumber: String): Patient
lookupPatient(mrn: String): ID
patientIdFromMrn(mrn: String): ID
mrnExists(mrn: String): Boolean
mrnToId(mrn: String): ID
hasDiagnosis(diagnosis: String): Boolean
Patient.hasDiagnosis(diagnosis: String): Boolean
patientsWithDiagnosis(diagnosis: String): Int
countPatients(diagnosis: String): Int
patientCount(where: PatientsBy): Int
diagnosisCount(diagnosis: String): Int
diagnosisFrequency(diagnosis: String): Float
isInsured(insuranceNumber: String): Boolean
isKnownPatient(mrn: String): Boolean
patientStats(groupBy: PatientColumn): [Stat]
riskScoreAbove(threshold: Float): Int
averageCost(where: Money): Float
visits(cost: Float): [Visit]
visits(costAtLeast: Float): [Visit]
visits(orderBy: VisitOrder): [Visit]
visits(patientMrn: String): [Visit]
visits(patient: PatientsBy): [Visit]
visits(notes: String, internalNotesContain: String): [Visit]
Patient.visits2(orderBy: VisitOrder): [Visit]
Patient.visitCount(where: Money): Int
visitsTotal(filter: Money): Float
vehicles(filter: VehicleWhere): [Vehicle]
vehicle(licensePlate: String): Vehicle
vehicleByPlate(licensePlate: String): Vehicle
driverOf(licensePlate: String): Driver
driverByPhone(phoneNumber: PhoneNumber!): Driver
driverByWallet(walletAddress: String): Driver
isDriver(phoneNumber: PhoneNumber): Boolean
nickname(phoneNumber: String): String
ratingOf(walletAddress: String): Float
plateRegistered(licensePlate: String): Boolean
isStolen(licensePlate: String): Boolean
isStolen(vin: String!): Boolean
vinLookup(vin: String): JSONObject
locate(licensePlate: String): String
whereIs(licensePlate: String): String
licensePlates(startingWith: String): [String]
vins(search: String): [String]
walletAddresses(prefix: String): [String]
channel(inviteCode: String): Channel
channelByInvite(inviteCode: String): Channel
channelName(inviteCode: String): String
secretExists(token: String): Boolean
distinctDiagnoses(prefix: String): [String]
vehicleIds(where: VehicleWhere): [ID]
list(where: VehicleWhere): [ID]
exportPatients(filter: PatientsBy): String
export(filter: PatientsBy): String
rank(riskScore: Float): Int
`
  .trim()
  .split('\n');

/** Fields that reveal nothing guarded by what they are given. */
export const CLINIC_INNOCENT: readonly string[] = `
patients(ward: String): [Patient]
patients(where: Safe): [Patient]
patients(displayName: String, first: Int, after: String): [Patient]
patients(doctorId: ID): [Patient]
patients(doctorName: String): [Patient]
patients(specialty: String): [Patient]
patients(visitedAfter: Date): [Patient]
patient(id: ID!): Patient
patientByName(displayName: String!): Patient
patientCount(ward: String): Int
wardExists(ward: String): Boolean
wards(search: String): [String]
doctors(search: String @reads(fields: ["Doctor.displayName"])): [Doctor]
doctors(specialty: String): [Doctor]
doctorName(id: ID!): String
visits(room: String, severity: Severity): [Visit]
visits(from: Date, to: Date): [Visit]
visits(at: Date): [Visit]
Patient.visitCount(since: Date): Int
Patient.age(at: Date): Int @auth(requires: ADMIN)
Doctor.patients(ward: String): [Patient]
vehicles(model: String, color: String): [Vehicle]
vehicles(driverId: ID): [Vehicle]
vehicles(driverNickname: String): [Vehicle]
vehicles(orderBy: VehicleColumn): [Vehicle]
vehicles(near: String, radius: Float): [Vehicle]
vehicleModels(prefix: String): [String]
vehicleCount(color: String): Int
isAvailable(vehicleId: ID!, at: Date): Boolean
fare(from: String!, to: String!, model: String): Float
eta(from: String, to: String): Int
quoteFare(distance: Float): Float
formatPlate(licensePlate: String): String
normalizePlate(licensePlate: String!): String
plateCountry(licensePlate: String): String
vinChecksumValid(vin: String): Boolean
validateVin(vin: String): Boolean
isValidVin(vin: String!): Boolean
decodeVin(vin: String!): JSONObject
vinModelYear(vin: String): Int
drivers(minRating: Float): [Driver]
drivers(rating: Float): [Driver]
topDrivers(by: VehicleColumn): [Driver]
driverRating(id: ID!): Float
driverExists(nickname: String): Boolean
nicknameTaken(nickname: String): Boolean
formatPhone(phoneNumber: PhoneNumber): String
phoneNumberCountry(phoneNumber: PhoneNumber): String
qr(walletAddress: String): String
isValidWallet(walletAddress: String): Boolean
channels(name: String, topic: String): [Channel]
channel(name: String): Channel
Channel.messages2(first: Int, before: String, text: String): [Message]
messages(search: String): [Message]
messages(sender: ID, since: Date): [Message]
messageCount(channel: ID, text: String): Int
ageFrom(dateOfBirth: Date!): Int
ageInYears(dateOfBirth: Date, at: Date): Int
bmi(weight: Float, height: Float): Float
riskScoreLabel(riskScore: Float): String
riskColor(riskScore: Float): String
costInCurrency(cost: Float, currency: String): Float
diagnosisLabel(diagnosis: String, locale: String): String
diagnosisCodes(search: String): [String]
severityLabel(severity: Severity): String
severities(locale: String): [String]
icd10(code: String): String
units(system: String): [String]
search(text: String): [Message]
upload(filename: String, size: Int): String
stats(from: Date, to: Date, bucket: String): [Stat]
config(name: String): String
exportVisits(from: Date, to: Date, format: String): String
Mutation.admit(mrn: String!, diagnosis: String, insuranceNumber: String): Patient
Mutation.updateVisit(id: ID!, internalNotes: String, cost: Float): Visit
Mutation.registerVehicle(licensePlate: String!, vin: String!): Vehicle
Mutation.joinChannel(inviteCode: String!): Channel
Mutation.checkIn(mrn: String!): Boolean
Mutation.pay(walletAddress: String!, amount: Float): Boolean
Subscription.visitChanged(patientId: ID): Visit
Subscription.vehicleMoved(id: ID!): Vehicle
`
  .trim()
  .split('\n');
