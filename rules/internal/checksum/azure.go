package checksum

import "encoding/binary"

// AzureTail is the number of base64 characters from the signature of an Azure key to the key's end, padding left out,
// and AzureSignature how many of them are the signature. The last four bytes of the key are the checksum.
const (
	AzureTail      = 10
	AzureSignature = 4
)

// AzureSeeds returns the services, eight ASCII characters read as a big-endian number, under which keys with a signature
// are hashed; nil for an unknown one. Source: IdentifiableMetadata.cs in microsoft/security-utilities.
func AzureSeeds(signature string) []uint64 {
	var services []string
	switch signature {
	case "+ASt", "AZEG":
		services = []string{"Default0"}
	case "+ABa":
		services = []string{"AbAcct00"}
	case "+AMC":
		services = []string{"Classic0"}
	case "AzCa":
		services = []string{"Access00"}
	case "+ACR":
		services = []string{"ACRDflt0"}
	case "ACDb":
		services = []string{"SysAll00", "Resour00", "MastRO00", "SystRO00", "Encryp00", "MastRW00", "SystRW00"}
	case "APIM":
		services = []string{"Tenant00", "IoTHub00", "Gatewy00", "GitKey00"}
	case "AzFu":
		services = []string{"Master00", "System00", "Functi00"}
	case "AzSe":
		services = []string{"Query000", "PAdmin00"}
	case "AIoT":
		services = []string{"IoTHub00", "DpsKey00", "Device00"}
	case "+ASb", "+AEh", "+ARm":
		services = []string{"Send0000", "Manage00", "Listen00", "System00", "Unknown0"}
	}
	numbers := make([]uint64, len(services))
	for i, s := range services {
		numbers[i] = binary.BigEndian.Uint64([]byte(s))
	}
	return numbers
}
